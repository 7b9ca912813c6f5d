using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;

namespace Weir.ControlPlane.Application.Features.Agents;

/// <summary>An agent took a snapshot, or refused it.</summary>
public static class RecordSnapshotAnswer
{
    /// <param name="RefusedBecause">Null when it was applied.</param>
    [RequirePermission(Permission.ServeAgent)]
    public sealed record Command(long Version, string? RefusedBecause) : IRequest;

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal) : IRequestHandler<Command>
    {
        public async ValueTask<Unit> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = scope.Actor.AgentId;
            var agent = await db.Agents.SingleOrDefaultAsync(a => a.Id == id, cancellationToken) ?? throw new NotFoundException("agent", id.ToString());
            if (request.RefusedBecause is null)
            {
                agent.Acknowledged(request.Version);
            }
            else
            {
                agent.Refused($"version {request.Version}: {AgentLimits.Cut(request.RefusedBecause, 1900)}");
                journal.Audit("snapshot.refused", "agent", id.ToString(), null, null, ("name", agent.Name), ("version", $"{request.Version}"));
            }

            journal.Signal(new AgentChanged(agent.OrganizationId, id, IsShutOut: false));
            return Unit.Value;
        }
    }
}
