using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

public static class ListReviews
{
    /// <param name="All">Also those that are not open any more.</param>
    [RequirePermission(Permission.Participate)]
    public sealed record Query(bool All = false, string? After = null, int Limit = PageLimits.Default) : IRequest<Page<ReviewView>>;

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Limit).MustBePageLimit();
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, TimeProvider time) : IRequestHandler<Query, Page<ReviewView>>
    {
        public async ValueTask<Page<ReviewView>> Handle(Query request, CancellationToken cancellationToken)
        {
            var actor = scope.Actor;
            var me = actor.PrincipalId;
            var everything = actor.SeesEverything;
            var groups = actor.Groups.ToArray();
            var now = time.GetUtcNow();
            var reviews = db.Reviews.AsNoTracking()
                .Where(r => everything || r.PrincipalId == me || r.OnBehalfOf == me || EF.Functions.JsonExistAny(r.Reviewers, groups))
                .Where(r => request.All || (r.Status == ReviewStatus.Open && r.ExpiresAt > now));
            if (PageCursor.Parse(request.After) is { } after)
            {
                var id = new ReviewId(after.Id);
                reviews = reviews.Where(r => EF.Functions.LessThan(ValueTuple.Create(r.CreatedAt, r.Id), ValueTuple.Create(after.At, id)));
            }

            var rows = await reviews.OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id).Take(request.Limit + 1).ToListAsync(cancellationToken);
            return rows.ConvertAll(r => ReviewView.Of(r, actor, now)).ToPage(request.Limit, r => new PageCursor(r.CreatedAt, r.Id).ToString());
        }
    }
}
