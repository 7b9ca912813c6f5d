using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Agents;

namespace Weir.ControlPlane.Application.Features.Agents;

/// <summary>What a front door needs to check an agent's signed assertion. It proves nothing by itself.</summary>
public static class FindAgentIdentity
{
    [RequirePermission(Permission.Anonymous)]
    public sealed record Query(Guid AgentId) : IRequest<Response>;

    /// <param name="Identity">Null when there is no such agent, or it was removed.</param>
    public sealed record Response(Identity? Identity);

    /// <param name="PublicKey">SubjectPublicKeyInfo (DER), ECDSA P-256.</param>
    public sealed record Identity(Guid OrganizationId, Guid AgentId, string Name, ReadOnlyMemory<byte> PublicKey);

    internal sealed class Handler(WeirDbContext db, OrganizationLookup lookup) : IRequestHandler<Query, Response>
    {
        public async ValueTask<Response> Handle(Query request, CancellationToken cancellationToken)
        {
            if (!await lookup.EnterByAgentAsync(request.AgentId, cancellationToken))
            {
                return new(null);
            }

            var id = new AgentId(request.AgentId);
            var agent = await db.Agents.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id && a.RemovedAt == null, cancellationToken);
            return new(agent is null ? null : new Identity(agent.OrganizationId.Value, agent.Id.Value, agent.Name, agent.IdentityPublicKey));
        }
    }
}
