using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.Principals;

/// <summary>Shuts a principal out: its tokens and credentials are revoked, and so are those of AI agents that act for it.</summary>
public static class DisablePrincipal
{
    [RequirePermission(Permission.ChangePrincipals)]
    public sealed record Command(Guid PrincipalId) : IRequest<PrincipalView>;

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, PrincipalReader reader, TimeProvider time) : IRequestHandler<Command, PrincipalView>
    {
        public async ValueTask<PrincipalView> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new PrincipalId(request.PrincipalId);
            var principal = await db.Principals.SingleOrDefaultAsync(p => p.Id == id, cancellationToken) ?? throw new NotFoundException("principal", id.ToString());
            if (id == scope.Actor.PrincipalId)
            {
                throw new ConflictException("Nobody disables themselves: another administrator must.");
            }

            var now = time.GetUtcNow();
            principal.Disable(now);
            var affected = await db.Principals.Where(p => p.OnBehalfOf == id).Select(p => p.Id).ToListAsync(cancellationToken);
            affected.Add(id);
            foreach (var credential in await db.Credentials.Where(c => affected.Contains(c.PrincipalId) && c.RevokedAt == null).ToListAsync(cancellationToken))
            {
                credential.Revoke(now);
            }

            foreach (var token in await db.ApiTokens.Where(t => affected.Contains(t.PrincipalId) && t.RevokedAt == null).ToListAsync(cancellationToken))
            {
                token.Revoke(now);
            }

            foreach (var grant in await db.Grants.Where(g => affected.Contains(g.PrincipalId) && g.Status == GrantStatus.Active && g.EndsAt > now).ToListAsync(cancellationToken))
            {
                grant.Revoke(scope.Actor.Name, now);
            }

            journal.Audit("principal.disable", "principal", id.ToString(), null, null, ("name", principal.Name));
            return (await reader.ToViewsAsync([principal], cancellationToken))[0];
        }
    }
}
