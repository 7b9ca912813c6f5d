using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

/// <summary>The one whose statement it is does not want it any more; or an approval is taken back, and agents that hold it are told at once.</summary>
public static class WithdrawReview
{
    [RequirePermission(Permission.Participate)]
    public sealed record Command(Guid ReviewId) : IRequest<ReviewView>;

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, ReviewView>
    {
        public async ValueTask<ReviewView> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new ReviewId(request.ReviewId);
            var now = time.GetUtcNow();
            var review = await db.Reviews.FindVisibleAsync(id, scope.Actor, cancellationToken);
            review.Withdraw(scope.Actor.Approver, scope.Actor.IsAdministrator, now);
            journal.Audit("review.withdraw", "review", id.ToString(), null, null, ("principal", review.PrincipalName), ("connection", review.Connection));
            if (review.WindowUntil is not null)
            {
                await WithdrawCoveredAsync(review, now, cancellationToken);
            }

            journal.Announce(review);
            journal.Changed(review);
            return ReviewView.Of(review, scope.Actor, now);
        }

        // What it has decided and nobody has used yet goes with it.
        private async Task WithdrawCoveredAsync(Review window, DateTimeOffset now, CancellationToken cancellationToken)
        {
            foreach (var covered in await db.Reviews.Where(r => r.CoveredBy == window.Id && r.Status == ReviewStatus.Approved && r.ExpiresAt > now).ToListAsync(cancellationToken))
            {
                covered.Withdraw(scope.Actor.Approver, scope.Actor.IsAdministrator, now);
                journal.Changed(covered);
            }
        }
    }
}
