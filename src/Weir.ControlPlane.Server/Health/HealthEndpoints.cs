using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Weir.ControlPlane.Server.Health;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: its database does too.</summary>
internal static class HealthEndpoints
{
    private const string Ready = "ready";

    public static void AddWeirHealth(this IServiceCollection services) =>
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database", HealthStatus.Unhealthy, [Ready], TimeSpan.FromSeconds(5));

    public static void MapWeirHealth(this WebApplication app)
    {
        app.MapHealthChecks("/healthz", new() { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/readyz", new() { Predicate = check => check.Tags.Contains(Ready) }).AllowAnonymous();
    }
}
