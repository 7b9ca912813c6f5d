using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Agents;

namespace Weir.ControlPlane.Application.Features.Agents;

internal static class ServingAgents
{
    /// <summary>An agent that was removed is nobody, also while its link has not been dropped yet.</summary>
    /// <exception cref="NotFoundException">It was removed.</exception>
    public static async Task<AgentId> RequireServingAsync(this WeirDbContext db, Actor actor, CancellationToken cancellationToken)
    {
        var id = actor.AgentId;
        return await db.Agents.AnyAsync(a => a.Id == id && a.RemovedAt == null, cancellationToken) ? id : throw new NotFoundException("agent", id.ToString());
    }
}
