using System.Net;
using Weir.ControlPlane.Server.Agents;
using Weir.ControlPlane.Server.Certificates;
using Weir.ControlPlane.Server.Configuration;
using Weir.ControlPlane.Server.Relay;
using Weir.ControlPlane.Server.Sql;

namespace Weir.ControlPlane.Server.Hosting;

/// <summary>The control plane's side of the data plane: agents' links, tunnels and the relay's port.</summary>
internal static class DataPlane
{
    private const int LargestMessage = 16 * 1024 * 1024;

    public static void AddDataPlane(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton(provider => new ListenerCertificate(provider.GetRequiredService<CertificateAuthority>().IssueFor(options.CertificateHosts)));
        services.AddSingleton<AgentConnections>();
        services.AddSingleton<AgentAuthenticator>();
        services.AddSingleton<TunnelExchange>();
        services.AddSingleton<CancelRoutes>();
        services.AddSingleton<IRelayDirectory, RelayDirectory>();
        services.AddSingleton(new RelayOptions { RequireTls = options.RelayRequireTls });
        services.AddSingleton(new IPEndPoint(options.Bind, options.RelayPort));
        services.AddHostedService<RelayListener>();
        services.AddSingleton(new RelayAddress(new IPEndPoint(options.Bind, options.RelayPort), Path.Combine(options.DataDirectory, "ca.crt")));
        services.AddSingleton<RelayedSql>();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = LargestMessage;
            grpc.MaxSendMessageSize = LargestMessage;
            grpc.EnableDetailedErrors = false;
        });
    }

    public static void MapDataPlane(this WebApplication app)
    {
        app.MapGrpcService<EnrollmentService>().AllowAnonymous();
        app.MapGrpcService<AgentLinkService>().AllowAnonymous();
        app.MapGrpcService<TunnelService>().AllowAnonymous();
    }
}
