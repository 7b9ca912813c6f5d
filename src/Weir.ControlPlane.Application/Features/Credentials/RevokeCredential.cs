using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Features.Credentials;

/// <summary>Ends a credential: agents hear of it at once and end its sessions.</summary>
public static class RevokeCredential
{
    [RequirePermission(Permission.Participate)]
    public sealed record Command(string CredentialId) : IRequest<Response>;

    public sealed record Response(string Id, DateTimeOffset RevokedAt);

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new CredentialId(request.CredentialId);
            var credential = await db.Credentials.SingleOrDefaultAsync(c => c.Id == id, cancellationToken) ?? throw new NotFoundException("credential", id.Value);
            var owner = await db.Principals.AsNoTracking().SingleAsync(p => p.Id == credential.PrincipalId, cancellationToken);
            if (!scope.Actor.IsAdministrator && owner.Id != scope.Actor.PrincipalId && owner.OnBehalfOf != scope.Actor.PrincipalId)
            {
                throw new NotFoundException("credential", id.Value);
            }

            credential.Revoke(time.GetUtcNow());
            journal.Audit("credential.revoke", "credential", id.Value, null, null, ("principal", owner.Name), ("connection", credential.Connection));
            return new(id.Value, credential.RevokedAt!.Value);
        }
    }
}
