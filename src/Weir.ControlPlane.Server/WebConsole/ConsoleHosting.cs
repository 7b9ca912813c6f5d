using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Weir.ControlPlane.Application.WebConsole;
using Weir.ControlPlane.Server.Configuration;
using Weir.WebConsole;

namespace Weir.ControlPlane.Server.WebConsole;

/// <summary>Serves the web console, whose pages live in a library of their own.</summary>
internal static class ConsoleHosting
{
    public static void AddConsole(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton(new SignInOptions(options.Oidc?.Name));
        services.AddSingleton(new AgentPort(options.GrpcPort));
        services.AddWebConsole();
        services.AddScoped<AuthenticationStateProvider, CircuitAuthentication>();
        services.AddScoped<CircuitOwner>();
        services.AddScoped<CircuitHandler>(circuit => circuit.GetRequiredService<CircuitOwner>());
        services.AddScoped<IConsoleMediator>(CircuitMediator.Create);
    }

    public static void MapConsole(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();

        // The one policy of all answers stands for these too. The circuits' own endpoints too; the sign-in page says of itself that it is for everybody.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(circuits => circuits.ContentSecurityFrameAncestorsPolicy = null).RequireAuthorization();
    }
}
