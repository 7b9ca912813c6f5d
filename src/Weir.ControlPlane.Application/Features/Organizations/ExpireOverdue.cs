using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Organizations;

/// <summary>
/// Ends what is over in one organization: reviews, access requests, grants. Everything that matters looks at the clock by itself; this writes the ends down and
/// tells those who wait.
/// </summary>
public static class ExpireOverdue
{
    private const int Batch = 500;

    /// <remarks>Sent as <see cref="Actor.SystemOf"/>.</remarks>
    [RequirePermission(Permission.RunSystem)]
    public sealed record Command : IRequest<Response>;

    public sealed record Response(int Reviews, int Requests, int Grants);

    internal sealed class Handler(WeirDbContext db, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var now = time.GetUtcNow();
            var reviews = await db.Reviews.Where(r => (r.Status == ReviewStatus.Open || r.Status == ReviewStatus.Approved) && r.ExpiresAt <= now)
                .OrderBy(r => r.ExpiresAt).Take(Batch).ToListAsync(cancellationToken);
            foreach (var review in reviews)
            {
                review.Expire(now);
                journal.Audit("review.expire", "review", review.Id.ToString());
                journal.Announce(review);
                journal.Changed(review);
            }

            var requests = await db.AccessRequests.Where(r => r.Status == AccessRequestStatus.Pending && r.ExpiresAt <= now)
                .OrderBy(r => r.ExpiresAt).Take(Batch).ToListAsync(cancellationToken);
            foreach (var expired in requests)
            {
                expired.Expire(now);
                journal.Audit("access_request.expire", "access_request", expired.Id.ToString());
                journal.Announce(expired);
                journal.Signal(new AccessRequestChanged(expired.OrganizationId, expired.Id));
            }

            var grants = await db.Grants.Where(g => g.Status == GrantStatus.Active && g.EndsAt <= now).OrderBy(g => g.EndsAt).Take(Batch).ToListAsync(cancellationToken);
            foreach (var grant in grants)
            {
                grant.End(now);
                journal.Audit("grant.end", "grant", grant.Id.ToString());
            }

            return new(reviews.Count, requests.Count, grants.Count);
        }
    }
}
