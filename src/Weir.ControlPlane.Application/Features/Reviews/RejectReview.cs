using FluentValidation;
using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

/// <summary>One no is enough; its comment is what the client reads.</summary>
public static class RejectReview
{
    [RequirePermission(Permission.Participate)]
    public sealed record Command(Guid ReviewId, string? Comment = null) : IRequest<ReviewView>;

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Comment).MaximumLength(2000);
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, ReviewView>
    {
        public async ValueTask<ReviewView> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new ReviewId(request.ReviewId);
            var now = time.GetUtcNow();
            var review = await db.Reviews.FindVisibleAsync(id, scope.Actor, cancellationToken);
            review.Reject(scope.Actor.Approver, request.Comment, now);
            journal.Audit("review.reject", "review", id.ToString(), null, null, ("principal", review.PrincipalName), ("connection", review.Connection));
            journal.Announce(review);
            journal.Changed(review);
            return ReviewView.Of(review, scope.Actor, now);
        }
    }
}
