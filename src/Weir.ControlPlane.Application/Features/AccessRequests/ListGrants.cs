using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Features.AccessRequests;

/// <summary>The actor's grants and those of its AI agents; everybody's for whoever sees everything.</summary>
public static class ListGrants
{
    /// <param name="All">Also those that are over.</param>
    [RequirePermission(Permission.Participate)]
    public sealed record Query(bool All = false, string? After = null, int Limit = PageLimits.Default) : IRequest<Page<GrantView>>;

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Limit).MustBePageLimit();
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, TimeProvider time) : IRequestHandler<Query, Page<GrantView>>
    {
        public async ValueTask<Page<GrantView>> Handle(Query request, CancellationToken cancellationToken)
        {
            var me = scope.Actor.PrincipalId;
            var everything = scope.Actor.SeesEverything;
            var now = time.GetUtcNow();
            var grants = db.Grants.AsNoTracking().Where(g => request.All || (g.Status == GrantStatus.Active && g.EndsAt > now));
            if (PageCursor.Parse(request.After) is { } after)
            {
                var id = new GrantId(after.Id);
                grants = grants.Where(g => EF.Functions.LessThan(ValueTuple.Create(g.StartsAt, g.Id), ValueTuple.Create(after.At, id)));
            }

            var rows = await (from g in grants
                              join p in db.Principals.AsNoTracking() on g.PrincipalId equals p.Id
                              where everything || p.Id == me || p.OnBehalfOf == me
                              orderby g.StartsAt descending, g.Id descending
                              select new { Grant = g, p.Name })
                .Take(request.Limit + 1)
                .ToListAsync(cancellationToken);
            return rows.ConvertAll(r => GrantView.Of(r.Grant, r.Name, now)).ToPage(request.Limit, g => new PageCursor(g.StartsAt, g.Id).ToString());
        }
    }
}
