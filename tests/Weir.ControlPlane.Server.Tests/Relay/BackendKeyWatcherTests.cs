using System.Text;
using Weir.ControlPlane.Server.Relay;

namespace Weir.ControlPlane.Server.Tests.Relay;

public sealed class BackendKeyWatcherTests
{
    // AuthenticationOk, a ParameterStatus, BackendKeyData (process 258, key 1 2 3 4), ReadyForQuery.
    private static readonly byte[] Answer =
    [
        (byte)'R', 0, 0, 0, 8, 0, 0, 0, 0,
        (byte)'S', 0, 0, 0, 8, (byte)'a', 0, (byte)'b', 0,
        (byte)'K', 0, 0, 0, 12, 0, 0, 1, 2, 1, 2, 3, 4,
        (byte)'Z', 0, 0, 0, 5, (byte)'I',
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void The_key_is_found_however_the_bytes_are_cut(int piece)
    {
        var watcher = new BackendKeyWatcher();
        foreach (var chunk in Answer.Chunk(piece))
        {
            watcher.Watch(chunk);
        }

        watcher.IsDone.ShouldBeTrue();
        watcher.Found!.Value.ProcessId.ShouldBe(258);
        watcher.Found!.Value.Key.ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public void An_error_or_nonsense_ends_the_search()
    {
        var refused = new BackendKeyWatcher();
        refused.Watch([(byte)'E', 0, 0, 0, 5, 0]);
        refused.IsDone.ShouldBeTrue();
        refused.Found.ShouldBeNull();

        var nonsense = new BackendKeyWatcher();
        nonsense.Watch([(byte)'S', 0xff, 0xff, 0xff, 0xff]);
        nonsense.IsDone.ShouldBeTrue();
    }

    [Fact]
    public void A_server_that_never_gets_ready_is_not_watched_for_ever()
    {
        var watcher = new BackendKeyWatcher();
        var notice = Encoding.ASCII.GetBytes("N\0\0\0\u0008abcd");
        for (var i = 0; i < 10_000; i++)
        {
            watcher.Watch(notice);
        }

        watcher.IsDone.ShouldBeTrue();
    }
}
