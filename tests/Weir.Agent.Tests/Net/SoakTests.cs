using Weir.Agent.Sessions;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres;
using Weir.Testing;

namespace Weir.Agent.Tests.Net;

/// <summary>Minutes of everything at once, behind WEIR_LONG_TESTS=1.</summary>
public sealed class SoakTests(SampleServer server)
{
    private const int Clients = 24;

    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Many_clients_of_every_kind_leave_nothing_behind(int loops)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("WEIR_LONG_TESTS") == "1", "takes ten minutes: WEIR_LONG_TESTS=1");
        using var certificate = new TestCertificate();
        var host = await SessionHost.StartAsync(server, options: new SessionOptions { Loops = loops }, certificate: certificate);
        // As if a control plane confirmed everything at once: the spool of a test is small. The reader outlives the spool, which reads once more at its end.
        using var reader = new Weir.Agent.Recording.SpoolReader(host.Spool);
        await using var served = host;
        host.Spool.BecameDurable += () =>
        {
            while (reader.Read(1024 * 1024) is { } batch)
                host.Spool.Acknowledge(batch.EndPosition);
        };
        var until = TimeProvider.System.GetTimestamp() + (long)(Duration.TotalSeconds * TimeProvider.System.TimestampFrequency);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(n => Task.Run(() => LiveAsync(host, n, until), Cancel)));
        await host.NoSessionsAsync();
        await Eventually.HoldsAsync(() => Task.FromResult(host.Listener.Loops.All(l => l.Sessions == 0)), TimeSpan.FromSeconds(20), "no loop serves anybody", Cancel);
    }

    private static async Task LiveAsync(SessionHost host, int number, long until)
    {
        // The same numbers in every run.
        var random = new Random(number);
        while (TimeProvider.System.GetTimestamp() < until)
        {
            var client = number % 2 == 0 ? await host.OpenRawAsync() : await OpenTlsAsync(host);
            for (var i = random.Next(50); i > 0; i--)
                await SayAsync(client, random);
            if (random.Next(3) == 0)
            {
                await client.Query("SELECT repeat('x', 1000) FROM generate_series(1, 5000)").SendAsync();
                client.Reset();
            }
            else if (random.Next(2) == 0)
            {
                client.ShutDown();
                await client.DisposeAsync();
            }
            else
            {
                await client.Message('X', []).SendAsync();
                await client.DisposeAsync();
            }
        }
    }

    private static async Task<RawClient> OpenTlsAsync(SessionHost host)
    {
        var client = await RawClient.ConnectTlsAsync(host.Port);
        await client.LogInAsync(SessionHost.Credential, SessionHost.Secret, "orders");
        return client;
    }

    private static async Task SayAsync(RawClient client, Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                var number = random.Next(1000);
                (await client.Query($"SELECT {number}").RoundTripAsync()).Texts().ShouldBe(["T", $"D:{number}", "C:SELECT 1", "Z:I"]);
                break;
            case 1:
                (await client.Parse("", "SELECT $1::int").Bind("", "", "7").DescribePortal("").Execute().Sync().RoundTripAsync()).Texts().ShouldBe(["1", "2", "T", "D:7", "C:SELECT 1", "Z:I"]);
                break;
            case 2:
                var masked = await client.Query("SELECT ssn FROM customers LIMIT 3").RoundTripAsync();
                masked.Count(m => m.Type == BackendMessageType.DataRow).ShouldBe(3, string.Join(" ", masked.Select(m => m.Type == BackendMessageType.ErrorResponse ? m.Diagnostic.Message : m.ToString())));
                break;
            case 3:
                (await client.Query("DROP TABLE orders").RoundTripAsync()).Texts().ShouldBe(["E:42501", "Z:I"]);
                break;
            default:
                await client.Query("SELECT repeat('y', 1000) FROM generate_series(1, 2000)").SendAsync();
                (await client.CountUntilReadyAsync()).ShouldBe(2000);
                break;
        }
    }
}
