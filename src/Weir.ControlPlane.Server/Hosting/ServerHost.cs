using Mediator;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Delivery;
using Weir.ControlPlane.Application.Features.Sessions.Recording;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Webhooks;
using Weir.ControlPlane.Server.Agents;
using Weir.ControlPlane.Server.Api;
using Weir.ControlPlane.Server.Authentication;
using Weir.ControlPlane.Server.Certificates;
using Weir.ControlPlane.Server.Configuration;
using Weir.ControlPlane.Server.CookieKeys;
using Weir.ControlPlane.Server.Health;
using Weir.ControlPlane.Server.Mcp;
using Weir.ControlPlane.Server.Recording;
using Weir.ControlPlane.Server.WebConsole;
using Weir.ControlPlane.Server.Webhooks;

namespace Weir.ControlPlane.Server.Hosting;

/// <summary>Puts the control plane together: use cases, and the thin front doors before them.</summary>
internal static class ServerHost
{
    public static WebApplication Build(ServerOptions options)
    {
        // No appsettings files and no command line: the environment is the only source of settings, read by ServerOptions.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, ApplicationName = "weir-server" });
        builder.WebHost.UseStaticWebAssets();
        builder.AddWeirLogging();
        builder.AddWeirListeners(options);
        var services = builder.Services;
        services.AddSingleton(options);
        services.AddControlPlaneApplication(new ControlPlaneOptions
        {
            ConnectionString = DatabaseAddress.ToConnectionString(options.DatabaseUrl),
            MasterKeyFile = options.MasterKeyFile,
            PublicUrl = options.PublicUrl.AbsoluteUri.TrimEnd('/'),
            RelayEndpoint = options.PublicRelay,
            WebhookNetworks = new OutboundNetworks(options.WebhookAllowedNetworks),
        });
        services.AddMediator(mediator => mediator.ServiceLifetime = ServiceLifetime.Scoped);
        services.AddSingleton<ISessionEventReader, SessionEventReader>();
        services.AddSingleton<IAgentDelivery>(provider => provider.GetRequiredService<AgentConnections>());
        services.AddSingleton(provider => CertificateAuthority.Open(options.DataDirectory, provider.GetRequiredService<TimeProvider>()));
        services.AddCookieKeys(DatabaseAddress.ToConnectionString(options.DatabaseUrl));
        services.AddWeirAuthentication(options);
        services.AddWeirApi();
        services.AddDataPlane(options);
        services.AddWeirMcp();
        services.AddConsole(options);
        services.AddWeirHealth();
        services.AddHostedService<ClusterListener>();
        services.AddHostedService<OverdueSweep>();
        services.AddSingleton(provider => new WebhookClient(provider.GetRequiredService<ControlPlaneOptions>().WebhookNetworks, provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<WebhookDispatcher>();

        // Pages and followers hold their requests open as long as they like.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));

        var app = builder.Build();
        app.UseWeirRequestPipeline();
        app.MapWeirHealth();
        app.MapWeirApi();
        app.MapWeirSignIn();
        app.MapWeirMcp();
        app.MapConsole();
        app.MapDataPlane();
        return app;
    }

    /// <summary>Nothing is served before the database is known to be safe and complete.</summary>
    /// <exception cref="InvalidOperationException">Says what is wrong with the database.</exception>
    public static async Task EnsureReadyAsync(WebApplication app, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(app.Services.GetRequiredService<ServerOptions>().DataDirectory);
        await app.Services.GetRequiredService<DatabaseGuard>().EnsureSafeAsync(cancellationToken);
    }
}
