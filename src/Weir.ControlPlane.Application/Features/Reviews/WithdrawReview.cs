using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

/// <summary>The one whose statement it is does not want it any more.</summary>
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
            review.Withdraw(scope.Actor.PrincipalId, scope.Actor.Name, now);
            journal.Audit("review.withdraw", "review", id.ToString());
            journal.Announce(review);
            journal.Signal(new ReviewChanged(review.OrganizationId, id, review.AgentId));
            return ReviewView.Of(review, scope.Actor, now);
        }
    }
}
