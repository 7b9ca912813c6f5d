using Weir.Agent.Tests.Sessions.Support;

namespace Weir.Agent.Tests.Net;

public sealed class SteadyPathTests(SampleServer server)
{
    private const int Rounds = 500;

    /// <summary>Bytes. A buffer that a pool has lost to the collector comes back once in a while; one object for each query would be more than that.</summary>
    private const int SmallestObject = 24;

    [Theory]
    [InlineData("prepared")]
    [InlineData("extended")]
    [InlineData("simple")]
    [InlineData("other constants")]
    public async Task A_query_whose_like_came_before_allocates_nothing(string mode)
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
        (allocated / Rounds).ShouldBeLessThan(SmallestObject, $"{allocated} bytes in {Rounds} queries");

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
            _ => client.Query($"SELECT status FROM orders WHERE id = {100 + (i % 100)}").RoundTripAsync(),
        };
    }
}
