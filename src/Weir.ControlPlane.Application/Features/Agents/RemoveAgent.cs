using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Agents;

namespace Weir.ControlPlane.Application.Features.Agents;

/// <summary>Shuts an agent out for good; its recordings stay.</summary>
public static class RemoveAgent
{
    [RequirePermission(Permission.ChangeAgents)]
    public sealed record Command(Guid AgentId) : IRequest;

    internal sealed class Handler(WeirDbContext db, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command>
    {
        public async ValueTask<Unit> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new AgentId(request.AgentId);
            var agent = await db.Agents.SingleOrDefaultAsync(a => a.Id == id && a.RemovedAt == null, cancellationToken) ?? throw new NotFoundException("agent", id.ToString());
            agent.Remove(time.GetUtcNow());
            journal.Signal(new AgentChanged(agent.OrganizationId, id, IsShutOut: true));
            journal.Audit("agent.remove", "agent", id.ToString(), null, null, ("name", agent.Name));
            return Unit.Value;
        }
    }
}
