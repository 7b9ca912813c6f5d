using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

/// <summary>The agent used approvals; none of them can be used again. Many may be used at one moment, and are recorded together.</summary>
public static class ConsumeReviews
{
    public const int MaxUses = 500;

    [RequirePermission(Permission.ServeAgent)]
    public sealed record Command(IReadOnlyList<Use> Uses) : IRequest<Response>;

    /// <param name="Forwarded">False when the agent found that the approval was for something else.</param>
    public sealed record Use(Guid ReviewId, bool Forwarded);

    /// <param name="Ignored">Reports about reviews that are gone, of another agent or decided otherwise: they changed nothing.</param>
    public sealed record Response(IReadOnlyList<Guid> Ignored);

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Uses).Must(u => u.Count is > 0 and <= MaxUses).WithMessage($"1 to {MaxUses} at a time.");
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var agent = await db.RequireServingAsync(scope.Actor, cancellationToken);
            var ids = request.Uses.Select(u => new ReviewId(u.ReviewId)).Distinct().ToList();
            var reviews = await db.Reviews.Where(r => ids.Contains(r.Id) && r.AgentId == agent).ToDictionaryAsync(r => r.Id.Value, cancellationToken);
            var ignored = new List<Guid>();
            foreach (var use in request.Uses)
            {
                if (!reviews.TryGetValue(use.ReviewId, out var review) || !TryConsume(review, use.Forwarded))
                {
                    ignored.Add(use.ReviewId);
                }
            }

            return new(ignored);
        }

        private bool TryConsume(Review review, bool forwarded)
        {
            if (review.Status == ReviewStatus.Consumed)
            {
                return true;
            }

            try
            {
                review.Consume(forwarded, time.GetUtcNow());
            }
            catch (IllegalTransitionException)
            {
                return false;
            }

            journal.Audit("review.consume", "review", review.Id.ToString(), null, null, ("principal", review.PrincipalName), ("forwarded", forwarded ? "true" : "false"));
            journal.Changed(review);
            return true;
        }
    }
}
