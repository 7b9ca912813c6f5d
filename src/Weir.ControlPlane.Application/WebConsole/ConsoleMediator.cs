using System.Runtime.CompilerServices;
using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Signals;

namespace Weir.ControlPlane.Application.WebConsole;

/// <summary>For one signed-in person; the server makes one per circuit or request from the actor it has authenticated.</summary>
public sealed class ConsoleMediator(Actor actor, ActorMediator mediator, IClusterSignals signals) : IConsoleMediator
{
    public Actor Actor { get; } = actor;

    public Task<TResponse> SendAsync<TResponse>(IRequest<TResponse> request, CancellationToken cancellationToken = default) =>
        mediator.SendAsync(Actor, request, cancellationToken);

    public async IAsyncEnumerable<ConsoleChange> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            using var subscription = signals.Subscribe(Actor.Organization ?? throw new InvalidOperationException("Nobody is signed in."));
            await using var read = subscription.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            var lost = false;
            while (!lost)
            {
                ConsoleChange? change = null;
                try
                {
                    if (!await read.MoveNextAsync())
                    {
                        yield break;
                    }

                    change = ToChange(read.Current);
                }
                catch (SignalsLostException)
                {
                    lost = true;
                    change = new ConsoleChange(ConsoleSubject.Everything, null);
                }

                if (change is not null)
                {
                    yield return change;
                }
            }
        }
    }

    private static ConsoleChange? ToChange(ClusterSignal signal) => signal switch
    {
        PolicyChanged => new(ConsoleSubject.Policies, null),
        CredentialsChanged => new(ConsoleSubject.Credentials, null),
        ReviewChanged review => new(ConsoleSubject.Reviews, review.Review.Value),
        AccessRequestChanged request => new(ConsoleSubject.AccessRequests, request.Request.Value),
        SessionChanged session => new(ConsoleSubject.Sessions, session.Session.Value),
        WebhookChanged webhook => new(ConsoleSubject.Webhooks, webhook.Webhook.Value),
        PrincipalsChanged => new(ConsoleSubject.Principals, null),
        TokensChanged => new(ConsoleSubject.Tokens, null),
        AuditChanged => new(ConsoleSubject.Audit, null),
        AgentChanged agent => new(ConsoleSubject.Agents, agent.Agent.Value),
        _ => null,
    };
}
