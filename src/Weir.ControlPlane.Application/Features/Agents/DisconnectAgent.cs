using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;

namespace Weir.ControlPlane.Application.Features.Agents;

/// <summary>The agent's stream ended. Its sessions go on without us.</summary>
public static class DisconnectAgent
{
    /// <param name="ConnectedAt">Of the stream that ended; null for whichever there is.</param>
    [RequirePermission(Permission.ServeAgent)]
    public sealed record Command(DateTimeOffset? ConnectedAt = null) : IRequest;

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command>
    {
        public async ValueTask<Unit> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = scope.Actor.AgentId;
            var agent = await db.Agents.SingleOrDefaultAsync(a => a.Id == id, cancellationToken);
            // It may be connected to another replica by now.
            if (agent is not null && (request.ConnectedAt is null || agent.ConnectedAt == request.ConnectedAt))
            {
                agent.Disconnect(time.GetUtcNow());
                journal.Signal(new AgentChanged(agent.OrganizationId, id, IsShutOut: false));
            }

            return Unit.Value;
        }
    }
}
