using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.Tokens;

public static class RevokeToken
{
    [RequirePermission(Permission.Participate)]
    public sealed record Command(Guid TokenId) : IRequest<Response>;

    public sealed record Response(Guid Id, DateTimeOffset RevokedAt);

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new ApiTokenId(request.TokenId);
            var token = await db.ApiTokens.SingleOrDefaultAsync(t => t.Id == id, cancellationToken) ?? throw new NotFoundException("token", id.ToString());
            var owner = await db.Principals.AsNoTracking().SingleAsync(p => p.Id == token.PrincipalId, cancellationToken);
            if (!scope.Actor.IsAdministrator && owner.Id != scope.Actor.PrincipalId && owner.OnBehalfOf != scope.Actor.PrincipalId)
            {
                throw new NotFoundException("token", id.ToString());
            }

            token.Revoke(time.GetUtcNow());
            journal.Audit("token.revoke", "token", id.ToString(), null, null, ("principal", owner.Name), ("name", token.Name));
            return new(id.Value, token.RevokedAt!.Value);
        }
    }
}
