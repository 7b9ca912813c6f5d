using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Features.AccessRequests;

/// <summary>Ends a grant before its time: by its holder, an approver of the request, or an administrator.</summary>
public static class RevokeGrant
{
    [RequirePermission(Permission.Participate)]
    public sealed record Command(Guid GrantId) : IRequest<GrantView>;

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, GrantView>
    {
        public async ValueTask<GrantView> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new GrantId(request.GrantId);
            var actor = scope.Actor;
            var grant = await db.Grants.SingleOrDefaultAsync(g => g.Id == id, cancellationToken) ?? throw new NotFoundException("grant", id.ToString());
            var asked = await db.AccessRequests.AsNoTracking().SingleAsync(r => r.Id == grant.RequestId, cancellationToken);
            var isOwner = grant.PrincipalId == actor.PrincipalId || asked.OnBehalfOf == actor.PrincipalId;
            if (!isOwner && !actor.IsAdministrator && !asked.Approvers.Any(actor.Groups.Contains))
            {
                throw new NotFoundException("grant", id.ToString());
            }

            var now = time.GetUtcNow();
            grant.Revoke(actor.Name, now);
            foreach (var credential in await db.Credentials.Where(c => c.GrantId == id && c.RevokedAt == null).ToListAsync(cancellationToken))
            {
                credential.Revoke(now);
            }

            journal.Audit("grant.revoke", "grant", id.ToString(), null, null, ("principal", asked.PrincipalName), ("connection", grant.Connection));
            return GrantView.Of(grant, asked.PrincipalName, now);
        }
    }
}
