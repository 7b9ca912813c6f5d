using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Features.Reviews;

public static class GetReview
{
    [RequirePermission(Permission.Participate)]
    public sealed record Query(Guid ReviewId) : IRequest<ReviewView>;

    internal sealed class Handler(WeirDbContext db, ActorScope scope, TimeProvider time) : IRequestHandler<Query, ReviewView>
    {
        public async ValueTask<ReviewView> Handle(Query request, CancellationToken cancellationToken)
        {
            var id = new ReviewId(request.ReviewId);
            var review = await db.Reviews.AsNoTracking().FindVisibleAsync(id, scope.Actor, cancellationToken);
            return ReviewView.Of(review, scope.Actor, time.GetUtcNow());
        }
    }
}
