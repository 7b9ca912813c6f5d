using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Agents;

public static class ListAgents
{
    [RequirePermission(Permission.ReadAgents)]
    public sealed record Query : IRequest<Page<AgentView>>;

    internal sealed class Handler(WeirDbContext db) : IRequestHandler<Query, Page<AgentView>>
    {
        public async ValueTask<Page<AgentView>> Handle(Query request, CancellationToken cancellationToken)
        {
            var agents = await db.Agents.AsNoTracking().Where(a => a.RemovedAt == null).OrderBy(a => a.Name).ToListAsync(cancellationToken);
            var statuses = (await db.AgentConnectionStatuses.AsNoTracking().ToListAsync(cancellationToken)).ToLookup(s => s.AgentId);
            return new([.. agents.Select(a => AgentView.Of(a, statuses[a.Id]))], null);
        }
    }
}
