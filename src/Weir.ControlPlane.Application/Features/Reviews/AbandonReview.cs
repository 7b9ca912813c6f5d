using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

/// <summary>The client does not wait any more; the review stays open.</summary>
public static class AbandonReview
{
    [RequirePermission(Permission.ServeAgent)]
    public sealed record Command(Guid ReviewId) : IRequest;

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal) : IRequestHandler<Command>
    {
        public async ValueTask<Unit> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new ReviewId(request.ReviewId);
            var agent = await db.RequireServingAsync(scope.Actor, cancellationToken);
            var review = await db.Reviews.SingleOrDefaultAsync(r => r.Id == id && r.AgentId == agent, cancellationToken) ?? throw new NotFoundException("review", id.ToString());
            review.Abandon();
            journal.Changed(review);
            return Unit.Value;
        }
    }
}
