using Weir.Agent.Tests.Sessions.Support;

namespace Weir.Agent.Tests.Net;

public sealed class SteadyPathTests(SampleServer server)
{
    private const int Batches = 20;
    private const int Queries = 25;

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
        // What comes once in a while (a pool has lost a buffer to the collector, the age of the policy is looked at) is in some batches; what a query costs is in all of them.
        var least = long.MaxValue;
        for (var i = 0; i < Batches; i++)
        {
            await loop.AllocatedBytesAsync();
            var before = await loop.AllocatedBytesAsync();
            var asking = await loop.AllocatedBytesAsync() - before;
            await RunAsync();
            least = Math.Min(least, await loop.AllocatedBytesAsync() - before - (2 * asking));
        }

        least.ShouldBeLessThanOrEqualTo(0, $"{least} bytes in {Queries} queries");

        async Task RunAsync()
        {
            for (var i = 0; i < Queries; i++)
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
