using Google.Protobuf;
using Weir.Contracts.Agent.V1;
using Weir.Testing;

namespace Weir.Agent.Tests.Link;

public sealed class TunnelTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_relayed_client_is_dialled_for_and_both_directions_carry_bytes()
    {
        await using var fixture = await LinkFixture.StartAsync();
        var (stream, tunnel) = await OpenAsync(fixture, await fixture.Plane.NextLinkAsync());
        await using (stream)
        {
            await tunnel.SendAsync([1, 2, 3]);
            var buffer = new byte[10];
            (await stream.ReadAsync(buffer, Cancel)).ShouldBe(3);
            await stream.WriteAsync(new byte[] { 4, 5 }, Cancel);
            (await tunnel.ReceiveAsync()).Data.ToByteArray().ShouldBe([4, 5]);
            await tunnel.SendAsync(new TunnelFrame { Close = new TunnelClose { Reason = "client closed" } });
            (await stream.ReadAsync(buffer, Cancel)).ShouldBe(0);

            // A client that closed its half still gets its answers.
            await stream.WriteAsync(new byte[] { 6 }, Cancel);
            (await tunnel.ReceiveAsync()).Data.ToByteArray().ShouldBe([6]);
            tunnel.End();
        }
    }

    [Fact]
    public async Task No_more_than_the_credit_is_sent_until_more_is_given()
    {
        await using var fixture = await LinkFixture.StartAsync();
        fixture.Plane.TunnelWindow = 10_000;
        var (stream, tunnel) = await OpenAsync(fixture, await fixture.Plane.NextLinkAsync());
        var writing = stream.WriteAsync(new byte[25_000], Cancel).AsTask();
        (await ReceiveBytesAsync(tunnel, 10_000)).ShouldBe(10_000);
        writing.IsCompleted.ShouldBeFalse();
        tunnel.Waiting.ShouldBe(0);
        await tunnel.SendAsync(new TunnelFrame { Credit = 15_000 });
        (await ReceiveBytesAsync(tunnel, 15_000)).ShouldBe(15_000);
        await writing;
        tunnel.End();
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task Credit_goes_back_as_the_session_reads_and_not_before()
    {
        await using var fixture = await LinkFixture.StartAsync();
        fixture.Plane.TunnelWindow = 8_000;
        var (stream, tunnel) = await OpenAsync(fixture, await fixture.Plane.NextLinkAsync());
        await tunnel.SendAsync(new byte[8_000]);
        var buffer = new byte[1_000];
        await stream.ReadExactlyAsync(buffer, Cancel);
        tunnel.Waiting.ShouldBe(0);
        await stream.ReadExactlyAsync(buffer, Cancel);
        (await tunnel.ReceiveAsync()).Credit.ShouldBe(2_000);
        tunnel.End();
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_relay_that_sends_more_than_its_credit_is_cut_off()
    {
        await using var fixture = await LinkFixture.StartAsync();
        fixture.Plane.TunnelWindow = 1_000;
        var (stream, tunnel) = await OpenAsync(fixture, await fixture.Plane.NextLinkAsync());
        await tunnel.SendAsync(new byte[1_000]);
        await tunnel.SendAsync(new byte[1]);
        var buffer = new byte[1_000];
        await stream.ReadExactlyAsync(buffer, Cancel);
        await Should.ThrowAsync<IOException>(async () => await stream.ReadExactlyAsync(buffer, Cancel));
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task Stalled_tunnels_hold_up_nobody_else()
    {
        await using var fixture = await LinkFixture.StartAsync();
        fixture.Plane.TunnelWindow = 64 * 1024;
        var link = await fixture.Plane.NextLinkAsync();
        var stalled = new List<(Stream Stream, FakeTunnel Tunnel, Task Writing)>();
        for (var i = 0; i < 20; i++)
        {
            var (stream, tunnel) = await OpenAsync(fixture, link);

            // Neither side reads: the relay fills our window, and we fill its.
            await tunnel.SendAsync(new byte[64 * 1024]);
            stalled.Add((stream, tunnel, stream.WriteAsync(new byte[1024 * 1024], CancellationToken.None).AsTask()));
        }

        var (lively, livelyTunnel) = await OpenAsync(fixture, link);
        var data = new byte[32 * 1024];
        for (var round = 0; round < 50; round++)
        {
            await livelyTunnel.SendAsync(data);
            await lively.ReadExactlyAsync(new byte[data.Length], Cancel);
            await lively.WriteAsync(data, Cancel);
            var received = 0;
            while (received < data.Length)
            {
                var frame = await livelyTunnel.ReceiveAsync();
                received += frame.Data.Length;
            }

            await livelyTunnel.SendAsync(new TunnelFrame { Credit = data.Length });
        }

        foreach (var (stream, tunnel, writing) in stalled)
        {
            writing.IsCompleted.ShouldBeFalse();
            tunnel.End();
            await stream.DisposeAsync();
            await Should.ThrowAsync<IOException>(writing);
        }

        livelyTunnel.End();
        await lively.DisposeAsync();
    }

    [Fact]
    public async Task More_tunnels_than_one_connection_allows_get_connections_of_their_own()
    {
        await using var fixture = await LinkFixture.StartAsync();
        var link = await fixture.Plane.NextLinkAsync();
        var tunnels = new List<(Stream Stream, FakeTunnel Tunnel)>();

        // Kestrel allows 100 streams on a connection.
        for (var i = 0; i < 130; i++)
            tunnels.Add(await OpenAsync(fixture, link));
        foreach (var (stream, tunnel) in tunnels)
        {
            await stream.WriteAsync(new byte[] { 1 }, Cancel);
            (await tunnel.ReceiveAsync()).Data.Length.ShouldBe(1);
            tunnel.End();
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_tunnel_whose_relay_dies_ends_for_the_session()
    {
        await using var fixture = await LinkFixture.StartAsync();
        var (stream, _) = await OpenAsync(fixture, await fixture.Plane.NextLinkAsync());
        await fixture.Plane.DisposeAsync();
        await Should.ThrowAsync<IOException>(async () => await stream.ReadExactlyAsync(new byte[1], Cancel));
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_window_that_cannot_be_meant_is_refused()
    {
        await using var fixture = await LinkFixture.StartAsync();
        fixture.Plane.TunnelWindow = 0;
        var link = await fixture.Plane.NextLinkAsync();
        await link.SendAsync(new ControlMessage { OpenTunnel = new OpenTunnel { TunnelId = ByteString.CopyFrom(1) } });
        var tunnel = await fixture.Plane.NextTunnelAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    await tunnel.SendAsync([1]);
                    return false;
                }
                catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException or Grpc.Core.RpcException)
                {
                    return true;
                }
            },
            TimeSpan.FromSeconds(30),
            "the agent hangs up",
            Cancel);
        fixture.Sessions.Relayed.Reader.Count.ShouldBe(0);
    }

    private static async Task<(Stream Stream, FakeTunnel Tunnel)> OpenAsync(LinkFixture fixture, FakeLink link)
    {
        var id = ByteString.CopyFrom(Guid.NewGuid().ToByteArray());
        await link.SendAsync(new ControlMessage { OpenTunnel = new OpenTunnel { TunnelId = id } });
        var tunnel = await fixture.Plane.NextTunnelAsync();
        tunnel.Id.ShouldBe(id);
        var (stream, start) = await fixture.Sessions.Relayed.Reader.ReadAsync(Cancel);
        start.ClientAddress.ShouldBe("192.0.2.7");
        return (stream, tunnel);
    }

    private static async Task<int> ReceiveBytesAsync(FakeTunnel tunnel, int count)
    {
        var received = 0;
        while (received < count)
            received += (await tunnel.ReceiveAsync()).Data.Length;
        return received;
    }
}
