using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Features.AccessRequests;

public static class WithdrawAccessRequest
{
    [RequirePermission(Permission.Participate)]
    public sealed record Command(Guid RequestId) : IRequest<AccessRequestView>;

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, AccessRequestView>
    {
        public async ValueTask<AccessRequestView> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new AccessRequestId(request.RequestId);
            var now = time.GetUtcNow();
            var found = await db.AccessRequests.FindVisibleAsync(id, scope.Actor, cancellationToken);
            found.Withdraw(scope.Actor.PrincipalId, scope.Actor.Name, now);
            journal.Audit("access_request.withdraw", "access_request", id.ToString());
            journal.Announce(found);
            journal.Signal(new AccessRequestChanged(found.OrganizationId, id));
            return AccessRequestView.Of(found, scope.Actor, now);
        }
    }
}
