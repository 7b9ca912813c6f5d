using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

/// <summary>One approval; with the last one needed the statement passes, once; or every statement of its shape for a while.</summary>
public static class ApproveReview
{
    /// <param name="Window">How long every statement of the shape is approved for; null for this statement, once.</param>
    [RequirePermission(Permission.Participate)]
    public sealed record Command(Guid ReviewId, string? Comment = null, TimeSpan? Window = null) : IRequest<ReviewView>;

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Comment).MaximumLength(2000);
            RuleFor(c => c.Window).Must(w => w is null || w > TimeSpan.Zero).WithMessage("More than nothing.");
        }
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, ReviewView>
    {
        public async ValueTask<ReviewView> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new ReviewId(request.ReviewId);
            var now = time.GetUtcNow();
            var review = await db.Reviews.FindVisibleAsync(id, scope.Actor, cancellationToken);
            review.Approve(scope.Actor.Approver, request.Comment, now, request.Window);
            journal.Audit("review.approve", "review", id.ToString(), null, null, ("principal", review.PrincipalName), ("connection", review.Connection), ("approvals", $"{review.Approvals.Count}/{review.ApprovalsNeeded}"), ("window", request.Window?.ToString()));
            if (review.Status == ReviewStatus.Approved)
            {
                journal.Announce(review);
                await ApproveCoveredAsync(review, now, cancellationToken);
            }

            journal.Changed(review);
            return ReviewView.Of(review, scope.Actor, now);
        }

        // A pool asks many times before the first answer comes.
        private async Task ApproveCoveredAsync(Review window, DateTimeOffset now, CancellationToken cancellationToken)
        {
            if (window.WindowUntil is null)
            {
                return;
            }

            // A review that is recorded at this moment is seen here, or sees this window: both lock the same row first.
            await journal.LockCountersAsync(cancellationToken);
            var others = await db.Reviews
                .Where(r => r.AgentId == window.AgentId && r.PrincipalId == window.PrincipalId && r.Status == ReviewStatus.Open && r.ShapeBinding == window.ShapeBinding && r.ExpiresAt > now && r.Id != window.Id)
                .OrderBy(r => r.CreatedAt)
                .ToListAsync(cancellationToken);
            foreach (var other in others)
            {
                other.ApproveUnder(window, now);
                journal.Audit("review.approve_covered", "review", other.Id.ToString(), null, null, ("principal", other.PrincipalName), ("connection", other.Connection), ("coveredBy", window.Id.ToString()));
                journal.Changed(other);
            }
        }
    }
}
