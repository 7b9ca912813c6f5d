using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

/// <summary>The agent used an approval; it can't be used again.</summary>
public static class ConsumeReview
{
    /// <param name="Forwarded">False when the agent found that the approval was for something else.</param>
    [RequirePermission(Permission.ServeAgent)]
    public sealed record Command(Guid ReviewId, bool Forwarded) : IRequest;

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command>
    {
        public async ValueTask<Unit> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new ReviewId(request.ReviewId);
            var agent = await db.RequireServingAsync(scope.Actor, cancellationToken);
            var review = await db.Reviews.SingleOrDefaultAsync(r => r.Id == id && r.AgentId == agent, cancellationToken) ?? throw new NotFoundException("review", id.ToString());
            if (review.Status != ReviewStatus.Consumed)
            {
                review.Consume(request.Forwarded, time.GetUtcNow());
                journal.Audit("review.consume", "review", id.ToString(), null, null, ("principal", review.PrincipalName), ("forwarded", request.Forwarded ? "true" : "false"));
                journal.Signal(new ReviewChanged(review.OrganizationId, id, agent));
            }

            return Unit.Value;
        }
    }
}
