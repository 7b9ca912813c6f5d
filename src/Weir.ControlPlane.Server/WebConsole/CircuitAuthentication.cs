using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.SignIn;
using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.WebConsole;

/// <summary>Ends the sign-in of an open page when its principal is disabled; a cookie is only looked at when a page is loaded.</summary>
internal sealed class CircuitAuthentication(ILoggerFactory loggers, ActorMediator mediator) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromMinutes(1);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        ActorIdentity.IdsOf(authenticationState.User) is { } ids
        && (await mediator.SendAsync(Actor.Anonymous, new ResolveActor.Query(ids.Organization, ids.Principal), cancellationToken)).Actor is not null;
}
