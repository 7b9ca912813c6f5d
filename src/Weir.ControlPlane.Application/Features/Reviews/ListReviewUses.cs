using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Reviews;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Features.Reviews;

/// <summary>The statements that were held for a review, or passed under it, newest first, as they were recorded.</summary>
public static class ListReviewUses
{
    [RequirePermission(Permission.Participate)]
    public sealed record Query(Guid ReviewId, string? After = null, int Limit = PageLimits.Default) : IRequest<Page<Use>>;

    /// <param name="Id">Session and number of the statement.</param>
    /// <param name="Status">How it ended: ok, failed, denied, rejected, expired, cancelled or lost; null while it runs or waits.</param>
    public sealed record Use(string Id, Guid SessionId, long Sequence, DateTimeOffset At, string Statement, string? Status, long? Rows);

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Limit).MustBePageLimit();
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope) : IRequestHandler<Query, Page<Use>>
    {
        public async ValueTask<Page<Use>> Handle(Query request, CancellationToken cancellationToken)
        {
            var review = await db.Reviews.AsNoTracking().FindVisibleAsync(new ReviewId(request.ReviewId), scope.Actor, cancellationToken);
            var uses = db.SessionStatements.AsNoTracking().Where(s => s.ReviewId == review.Id.Value);
            if (PageCursor.Parse(request.After) is { } after)
            {
                var session = new SessionId(after.Id);
                uses = uses.Where(s => EF.Functions.LessThan(ValueTuple.Create(s.At, s.SessionId), ValueTuple.Create(after.At, session)));
            }

            var rows = await uses.OrderByDescending(s => s.At).ThenByDescending(s => s.SessionId).Take(request.Limit + 1)
                .Select(s => new { s.SessionId, s.Number, s.At, s.Text, s.Status, s.Rows })
                .ToListAsync(cancellationToken);
            return rows
                .ConvertAll(s => new Use($"{s.SessionId}:{s.Number}", s.SessionId.Value, s.Number, s.At, s.Text, s.Status, s.Rows))
                .ToPage(request.Limit, u => new PageCursor(u.At, u.SessionId).ToString());
        }
    }
}
