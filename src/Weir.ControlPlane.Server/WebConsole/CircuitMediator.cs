using System.Security.Claims;
using Mediator;
using Microsoft.AspNetCore.Components.Authorization;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.SignIn;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Application.WebConsole;
using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.WebConsole;

/// <summary>
/// The console's way to the use cases. A circuit lives for hours: who the person is stays, what the person may do is looked up anew for every request.
/// </summary>
internal sealed class CircuitMediator(Actor actor, ActorMediator mediator, IClusterSignals signals) : IConsoleMediator
{
    private readonly ConsoleMediator _signals = new(actor, mediator, signals);

    public Actor Actor { get; private set; } = actor;

    public static CircuitMediator Create(IServiceProvider circuit)
    {
        // The state is set before anything of the circuit runs.
        var state = circuit.GetRequiredService<AuthenticationStateProvider>().GetAuthenticationStateAsync();
        var user = state.IsCompletedSuccessfully ? state.GetAwaiter().GetResult().User : new ClaimsPrincipal();
        return user.Identity is ActorIdentity identity
            ? new CircuitMediator(identity.ActsAs, circuit.GetRequiredService<ActorMediator>(), circuit.GetRequiredService<IClusterSignals>())
            : throw new ForbiddenException("Nobody is signed in.");
    }

    public async Task<TResponse> SendAsync<TResponse>(IRequest<TResponse> request, CancellationToken cancellationToken = default)
    {
        var found = await mediator.SendAsync(
            Actor.Anonymous, new ResolveActor.Query(Actor.Organization!.Value.Value, Actor.PrincipalId.Value), cancellationToken);
        Actor = found.Actor ?? throw new ForbiddenException("Your account has been disabled.");
        return await mediator.SendAsync(Actor, request, cancellationToken);
    }

    public IAsyncEnumerable<ConsoleChange> WatchAsync(CancellationToken cancellationToken) => _signals.WatchAsync(cancellationToken);
}
