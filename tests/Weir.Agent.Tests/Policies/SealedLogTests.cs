using Weir.Agent.Configuration;
using Weir.Agent.Policies;

namespace Weir.Agent.Tests.Policies;

public sealed class SealedLogTests : IDisposable
{
    private static readonly byte[] Key = new byte[32];

    private readonly TemporaryDirectory _directory = new();
    private readonly DataDirectory _data;

    public SealedLogTests() => _data = _directory.OpenData();

    private string File => _data.PathOf("log");

    [Fact]
    public void Records_come_back_in_order_and_a_rewrite_replaces_them()
    {
        var log = Open();
        log.Read().ShouldBeEmpty();
        log.Append([1]);
        log.Append([2, 2]);
        log.Append([]);
        Open().Read().ShouldBe([[1], [2, 2], []]);
        log.Rewrite([3]);
        log.Append([4]);
        var again = Open();
        again.Read().ShouldBe([[3], [4]]);
        again.Length.ShouldBe(new FileInfo(File).Length);
        again.Append([5]);
        Open().Read().ShouldBe([[3], [4], [5]]);
    }

    [Fact]
    public void A_file_that_was_changed_cut_or_put_together_anew_is_not_believed()
    {
        var log = Open();
        log.Append([1]);
        var one = System.IO.File.ReadAllBytes(File);
        log.Append([2]);
        var two = System.IO.File.ReadAllBytes(File);
        var second = two[one.Length..];
        byte[][] forged =
        [
            [], [.. two[..^1]], [.. one, .. second[..10]], [.. one[..24], .. second], [.. two, .. second], [.. two[..^1], (byte)(two[^1] ^ 1)], [.. two[..8], (byte)(two[8] ^ 1), .. two[9..]],
        ];
        foreach (var content in forged)
        {
            System.IO.File.WriteAllBytes(File, content);
            Should.Throw<InvalidDataException>(() => Open().Read());
        }

        System.IO.File.WriteAllBytes(File, two);
        Should.Throw<InvalidDataException>(() => new SealedLog(_data, "log", [1, .. new byte[31]]).Read());
        Open().Read().Count.ShouldBe(2);
    }

    [Fact]
    public void A_file_of_an_earlier_agent_is_read_and_goes_on()
    {
        new SealedFile(_data, "log", Key).Write([7]);
        var log = Open();
        log.Read().ShouldBe([[7]]);
        log.Append([8]);
        Open().Read().ShouldBe([[7], [8]]);
    }

    public void Dispose()
    {
        _data.Dispose();
        _directory.Dispose();
    }

    private SealedLog Open() => new(_data, "log", Key);
}
