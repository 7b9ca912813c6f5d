using Mediator;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.SignIn;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Application.WebConsole;

namespace Weir.ControlPlane.Server.WebConsole;

/// <summary>
/// The console's way to the use cases. A circuit lives for hours: who the person is stays, what the person may do is looked up anew for every request.
/// </summary>
internal sealed class CircuitMediator(Actor actor, ActorMediator mediator, IClusterSignals signals) : IConsoleMediator
{
    private readonly ConsoleMediator _signals = new(actor, mediator, signals);

    public Actor Actor { get; private set; } = actor;

    public static CircuitMediator Create(IServiceProvider circuit) => new(
        circuit.GetRequiredService<CircuitOwner>().Actor ?? throw new ForbiddenException("Nobody is signed in."),
        circuit.GetRequiredService<ActorMediator>(),
        circuit.GetRequiredService<IClusterSignals>());

    public async Task<TResponse> SendAsync<TResponse>(IRequest<TResponse> request, CancellationToken cancellationToken = default)
    {
        var found = await mediator.SendAsync(
            Actor.Anonymous, new ResolveActor.Query(Actor.Organization!.Value.Value, Actor.PrincipalId.Value), cancellationToken);
        Actor = found.Actor ?? throw new ForbiddenException("Your account has been disabled.");
        return await mediator.SendAsync(Actor, request, cancellationToken);
    }

    public IAsyncEnumerable<ConsoleChange> WatchAsync(CancellationToken cancellationToken) => _signals.WatchAsync(cancellationToken);
}
