using System.Net;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Tests.Link;

/// <summary>A control plane that does what a test tells it, on a real port with the real gRPC server.</summary>
internal sealed class FakeControlPlane : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<FakeLink> _links = Channel.CreateUnbounded<FakeLink>();
    private readonly Channel<FakeTunnel> _tunnels = Channel.CreateUnbounded<FakeTunnel>();

    private FakeControlPlane(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o =>
        {
            o.Listen(IPAddress.Loopback, port, l => l.Protocols = HttpProtocols.Http2);

            // Small on purpose: what the credits of tunnels allow must never fill the windows of HTTP/2.
            o.Limits.Http2.InitialConnectionWindowSize = 1024 * 1024;
            o.Limits.Http2.InitialStreamWindowSize = 256 * 1024;
        });
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        _app = builder.Build();
        _app.MapGrpcService<LinkService>();
        _app.MapGrpcService<EnrollmentService>();
        _app.MapGrpcService<TunnelService>();
    }

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Decides about the bearer token of a call; null accepts it.</summary>
    public Func<string, StatusCode?> Authenticate { get; set; } = _ => null;

    public Func<EnrollRequest, EnrollResponse> Enroll { get; set; } = _ => throw new RpcException(new Status(StatusCode.Unauthenticated, "no"));

    public Welcome Welcome { get; set; } = new() { HeartbeatInterval = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromMinutes(1)), Capabilities = { "compact-events" } };

    public long TunnelWindow { get; set; } = 64 * 1024;

    public static async Task<FakeControlPlane> StartAsync(int port = 0)
    {
        var plane = new FakeControlPlane(port);
        await plane._app.StartAsync();
        return plane;
    }

    /// <summary>The next connection of an agent, welcomed.</summary>
    public Task<FakeLink> NextLinkAsync() => _links.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>The next tunnel that an agent dialled, started.</summary>
    public Task<FakeTunnel> NextTunnelAsync() => _tunnels.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        using var hard = new CancellationTokenSource();
        await hard.CancelAsync();
        await _app.StopAsync(hard.Token);
        await _app.DisposeAsync();
    }

    private void Check(ServerCallContext context)
    {
        var header = context.RequestHeaders.GetValue("authorization") ?? "";
        var refused = header.StartsWith("Bearer ", StringComparison.Ordinal) ? Authenticate(header["Bearer ".Length..]) : StatusCode.Unauthenticated;
        if (refused is { } status)
            throw new RpcException(new Status(status, "not accepted"));
    }

    private sealed class LinkService(FakeControlPlane plane) : AgentLink.AgentLinkBase
    {
        public override async Task Connect(IAsyncStreamReader<AgentMessage> requestStream, IServerStreamWriter<ControlMessage> responseStream, ServerCallContext context)
        {
            plane.Check(context);
            if (!await requestStream.MoveNext(context.CancellationToken))
                return;
            var link = new FakeLink(requestStream.Current.Hello, responseStream);
            await responseStream.WriteAsync(new ControlMessage { Welcome = plane.Welcome });
            plane._links.Writer.TryWrite(link);
            await link.RunAsync(requestStream, context.CancellationToken);
        }
    }

    private sealed class EnrollmentService(FakeControlPlane plane) : Enrollment.EnrollmentBase
    {
        public override Task<EnrollResponse> Enroll(EnrollRequest request, ServerCallContext context) => Task.FromResult(plane.Enroll(request));
    }

    private sealed class TunnelService(FakeControlPlane plane) : Tunnel.TunnelBase
    {
        public override async Task Open(IAsyncStreamReader<TunnelFrame> requestStream, IServerStreamWriter<TunnelFrame> responseStream, ServerCallContext context)
        {
            plane.Check(context);
            if (!await requestStream.MoveNext(context.CancellationToken))
                return;
            var tunnel = new FakeTunnel(requestStream.Current.Accept.TunnelId, responseStream);
            await responseStream.WriteAsync(new TunnelFrame { Start = new TunnelStart { ClientAddress = "192.0.2.7", Window = plane.TunnelWindow } });
            plane._tunnels.Writer.TryWrite(tunnel);
            await tunnel.RunAsync(requestStream, context.CancellationToken);
        }
    }
}
