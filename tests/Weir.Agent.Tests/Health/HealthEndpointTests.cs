using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Health;
using Weir.Agent.Tests.Link;

namespace Weir.Agent.Tests.Health;

public sealed class HealthEndpointTests
{
    [Fact]
    public async Task An_agent_without_a_policy_lives_but_is_not_ready()
    {
        await using var fixture = await LinkFixture.StartAsync(connects: false);
        await using var endpoint = await Running.StartAsync(fixture);
        using var client = new HttpClient { BaseAddress = endpoint.Url };
        (await client.GetStringAsync("/healthz", Cancel)).ShouldBe("ok\n");
        var notReady = await client.GetAsync("/readyz", Cancel);
        notReady.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await notReady.Content.ReadAsStringAsync(Cancel)).ShouldBe("no policy yet\n");
        fixture.SnapshotStore.Apply(fixture.Snapshot(5)).ShouldBeNull();
        (await client.GetStringAsync("/readyz", Cancel)).ShouldBe("ready\n");
        var metrics = await client.GetStringAsync("/metrics", Cancel);
        metrics.ShouldContain("weir_agent_policy_version 5\n");
        metrics.ShouldContain($"weir_agent_spool_capacity_bytes {fixture.Spool.CapacityBytes}\n");
        metrics.ShouldContain("weir_agent_cached_verdict_bytes 4711\n");
        (await client.GetAsync("/", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await client.PostAsync("/healthz", null, Cancel)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task A_request_that_is_too_long_is_hung_up_on_and_others_are_served()
    {
        await using var fixture = await LinkFixture.StartAsync(connects: false);
        await using var endpoint = await Running.StartAsync(fixture);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endpoint.Url.Host, endpoint.Url.Port, Cancel);
        await socket.SendAsync(new byte[5000], Cancel);
        try
        {
            (await socket.ReceiveAsync(new byte[100], Cancel)).ShouldBe(0);
        }
        catch (SocketException exception)
        {
            exception.SocketErrorCode.ShouldBe(SocketError.ConnectionReset);
        }

        using var client = new HttpClient { BaseAddress = endpoint.Url };
        (await client.GetStringAsync("/healthz", Cancel)).ShouldBe("ok\n");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private sealed class Running(HealthEndpoint endpoint, Task running, CancellationTokenSource stop) : IAsyncDisposable
    {
        public Uri Url { get; } = new($"http://{endpoint.LocalEndPoint}");

        public static Task<Running> StartAsync(LinkFixture fixture)
        {
            var report = new HealthReport(fixture.Policies, fixture.Credentials, fixture.Spool, fixture.Outbox, fixture.Sessions, () => 4711, () => 4712);
            var endpoint = new HealthEndpoint(new IPEndPoint(IPAddress.Loopback, 0), report, TimeProvider.System, NullLogger.Instance);
            endpoint.Start();
            var stop = new CancellationTokenSource();
            return Task.FromResult(new Running(endpoint, endpoint.RunAsync(stop.Token), stop));
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await running;
            endpoint.Dispose();
            stop.Dispose();
        }
    }
}
