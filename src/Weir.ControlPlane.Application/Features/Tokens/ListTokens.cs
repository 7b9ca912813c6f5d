using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.Tokens;

/// <summary>The actor's tokens and those of its AI agents; everybody's for whoever sees everything.</summary>
public static class ListTokens
{
    /// <param name="All">Also those that are revoked or expired.</param>
    [RequirePermission(Permission.Participate)]
    public sealed record Query(bool All = false, string? After = null, int Limit = PageLimits.Default) : IRequest<Page<TokenView>>;

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Limit).MustBePageLimit();
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, TimeProvider time) : IRequestHandler<Query, Page<TokenView>>
    {
        public async ValueTask<Page<TokenView>> Handle(Query request, CancellationToken cancellationToken)
        {
            var me = scope.Actor.PrincipalId;
            var everything = scope.Actor.SeesEverything;
            var now = time.GetUtcNow();
            var after = PageCursor.Parse(request.After);
            var afterId = new ApiTokenId(after?.Id ?? default);
            var rows = await (from t in db.ApiTokens.AsNoTracking()
                              join p in db.Principals.AsNoTracking() on t.PrincipalId equals p.Id
                              where everything || p.Id == me || p.OnBehalfOf == me
                              where request.All || (t.RevokedAt == null && t.ExpiresAt > now)
                              where after == null || t.CreatedAt < after.Value.At || (t.CreatedAt == after.Value.At && t.Id != afterId)
                              orderby t.CreatedAt descending
                              select new { Token = t, p.Name })
                .Take(request.Limit + 1)
                .ToListAsync(cancellationToken);
            return rows
                .ConvertAll(r => new TokenView(
                    r.Token.Id.Value, r.Token.Name, r.Token.Prefix, r.Name, r.Token.CreatedAt, r.Token.ExpiresAt, r.Token.LastUsedAt, r.Token.RevokedAt))
                .ToPage(request.Limit, t => new PageCursor(t.CreatedAt, t.Id).ToString());
        }
    }
}
