using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

/// <summary>For the asking agent: the state of some of its reviews, or (after it has connected) of all that it may still act on.</summary>
public static class ListReviewUpdates
{
    /// <param name="ReviewIds">Null for all that are open or approved, and for approvals that were withdrawn and that it may still hold.</param>
    [RequirePermission(Permission.ServeAgent)]
    public sealed record Query(IReadOnlyList<Guid>? ReviewIds = null) : IRequest<Response>;

    /// <param name="AuditSequence">No change that is numbered higher is in what was read; every one up to it may be.</param>
    public sealed record Response(IReadOnlyList<ReviewUpdate> Updates, long AuditSequence);

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ControlPlaneOptions options, TimeProvider time) : IRequestHandler<Query, Response>
    {
        public async ValueTask<Response> Handle(Query request, CancellationToken cancellationToken)
        {
            var agent = await db.RequireServingAsync(scope.Actor, cancellationToken);
            var now = time.GetUtcNow();
            var reviews = db.Reviews.AsNoTracking().Where(r => r.AgentId == agent);
            if (request.ReviewIds is { } some)
            {
                var ids = some.Select(i => new ReviewId(i)).ToList();
                reviews = reviews.Where(r => ids.Contains(r.Id));
            }
            else
            {
                reviews = reviews.Where(r => r.Status == ReviewStatus.Open || r.Status == ReviewStatus.Approved
                    || (r.Status == ReviewStatus.Withdrawn && r.ApprovedAt != null && r.ExpiresAt > now));
            }

            // Not what reviewers are shown: somebody waits for this.
            var rows = await reviews.OrderBy(r => r.CreatedAt)
                .Select(r => new { r.Id, r.Status, r.Comment, r.ExpiresAt, r.Binding, r.DecidedBy, r.ApprovedRows, r.WindowUntil, r.ShapeBinding })
                .ToListAsync(cancellationToken);

            // After the rows: a change that they show is not numbered higher.
            var sequence = await db.Counters.AsNoTracking().Select(c => c.AuditSequence).SingleAsync(cancellationToken);
            return new(
                rows.ConvertAll(r => ReviewUpdate.Of(
                    r.Id, agent, r.Status, r.Comment, r.ExpiresAt, r.Binding, r.DecidedBy, r.ApprovedRows, r.WindowUntil, r.ShapeBinding, options, now)),
                sequence);
        }
    }
}
