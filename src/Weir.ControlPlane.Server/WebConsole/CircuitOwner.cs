using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.WebConsole;

/// <summary>Whose circuit it is: known before anything of it is shown.</summary>
internal sealed class CircuitOwner(AuthenticationStateProvider authentication) : CircuitHandler
{
    /// <summary>Null while nobody is signed in.</summary>
    public Actor? Actor { get; private set; }

    public override async Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken) =>
        Actor = ((await authentication.GetAuthenticationStateAsync()).User.Identity as ActorIdentity)?.ActsAs;
}
