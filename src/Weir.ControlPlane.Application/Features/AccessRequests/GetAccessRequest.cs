using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Features.AccessRequests;

public static class GetAccessRequest
{
    [RequirePermission(Permission.Participate)]
    public sealed record Query(Guid RequestId) : IRequest<AccessRequestView>;

    internal sealed class Handler(WeirDbContext db, ActorScope scope, TimeProvider time) : IRequestHandler<Query, AccessRequestView>
    {
        public async ValueTask<AccessRequestView> Handle(Query request, CancellationToken cancellationToken)
        {
            var id = new AccessRequestId(request.RequestId);
            var found = await db.AccessRequests.AsNoTracking().FindVisibleAsync(id, scope.Actor, cancellationToken);
            return AccessRequestView.Of(found, scope.Actor, time.GetUtcNow());
        }
    }
}
