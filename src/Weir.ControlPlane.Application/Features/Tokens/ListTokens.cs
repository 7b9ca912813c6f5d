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
            var tokens = db.ApiTokens.AsNoTracking().Where(t => request.All || (t.RevokedAt == null && t.ExpiresAt > now));
            if (PageCursor.Parse(request.After) is { } after)
            {
                var id = new ApiTokenId(after.Id);
                tokens = tokens.Where(t => EF.Functions.LessThan(ValueTuple.Create(t.CreatedAt, t.Id), ValueTuple.Create(after.At, id)));
            }

            var rows = await (from t in tokens
                              join p in db.Principals.AsNoTracking() on t.PrincipalId equals p.Id
                              where everything || p.Id == me || p.OnBehalfOf == me
                              orderby t.CreatedAt descending, t.Id descending
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
