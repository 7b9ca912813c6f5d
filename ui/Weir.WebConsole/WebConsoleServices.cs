using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weir.WebConsole.Live;

namespace Weir.WebConsole;

public static class WebConsoleServices
{
    /// <summary>Longest message of a browser, in bytes: a policy document of 256 KiB, in which every character may be escaped.</summary>
    private const int MaxMessageBytes = 1024 * 1024;

    /// <summary>
    /// What the console needs, but not <see cref="ControlPlane.Application.WebConsole.IConsoleMediator"/>: the host makes one per circuit from the person it
    /// has authenticated. Without a <see cref="SignInOptions"/> of the host's, people sign in with their password only.
    /// </summary>
    public static IServiceCollection AddWebConsole(this IServiceCollection services)
    {
        services.AddRazorComponents()
            .AddInteractiveServerComponents()
            .AddHubOptions(hub => hub.MaximumReceiveMessageSize = MaxMessageBytes);
        services.AddCascadingAuthenticationState();
        services.AddAuthorizationCore();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new SignInOptions(null));
        services.TryAddSingleton(AgentPort.Default);
        services.AddScoped<ConsoleFeed>();
        return services;
    }
}
