using Weir.Agent.Tests.Sessions.Support;

namespace Weir.Agent.Tests.Net;

public sealed class SteadyPathTests(SampleServer server)
{
    private const int Rounds = 500;

    /// <summary>Bytes. A buffer that a pool has lost to the collector comes back once in a while; one object for each query would be more than that.</summary>
    private const int SmallestObject = 24;

    /// <summary>A text with other constants is a text of its own: that it was judged by its shape is kept until it is answered.</summary>
    private const int PerNewText = 400;

    [Theory]
    [InlineData("prepared", 0)]
    [InlineData("extended", 0)]
    [InlineData("simple", 0)]
    [InlineData("new text", PerNewText)]
    public async Task A_query_that_came_before_allocates_nothing(string mode, int most)
    {
        await using var host = await SessionHost.StartAsync(server);
        await using var client = await host.OpenRawAsync();
        await client.Parse("s", "SELECT status FROM orders WHERE id = $1").Sync().RoundTripAsync();
        var loop = host.Listener.Loops.ShouldHaveSingleItem();
        await RunAsync();
        await loop.AllocatedBytesAsync();
        var before = await loop.AllocatedBytesAsync();
        var asking = await loop.AllocatedBytesAsync() - before;
        await RunAsync();
        var allocated = await loop.AllocatedBytesAsync() - before - (2 * asking);
        (allocated / Rounds).ShouldBeLessThan(most + SmallestObject, $"{allocated} bytes in {Rounds} queries");

        async Task RunAsync()
        {
            for (var i = 0; i < Rounds; i++)
                (await Next(i)).Single(m => m.Type == Weir.Protocol.Postgres.BackendMessageType.DataRow).Row.Length.ShouldBe(1);
        }

        Task<List<RawMessage>> Next(int i) => mode switch
        {
            "prepared" => client.Bind("", "s", $"{1 + (i % 100)}").DescribePortal("").Execute().Sync().RoundTripAsync(),
            "extended" => client.Parse("", "SELECT status FROM orders WHERE id = $1").Bind("", "", $"{1 + (i % 100)}").DescribePortal("").Execute().Sync().RoundTripAsync(),
            "simple" => client.Query("SELECT count(*) FROM orders").RoundTripAsync(),
            _ => client.Query($"SELECT status FROM orders WHERE id = {1 + (i % 100)}").RoundTripAsync(),
        };
    }
}
