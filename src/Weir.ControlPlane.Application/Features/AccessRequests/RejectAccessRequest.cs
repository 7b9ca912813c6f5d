using FluentValidation;
using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Features.AccessRequests;

public static class RejectAccessRequest
{
    [RequirePermission(Permission.Participate)]
    public sealed record Command(Guid RequestId, string? Comment = null) : IRequest<AccessRequestView>;

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Comment).MaximumLength(2000);
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, AccessRequestView>
    {
        public async ValueTask<AccessRequestView> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new AccessRequestId(request.RequestId);
            var now = time.GetUtcNow();
            var found = await db.AccessRequests.FindVisibleAsync(id, scope.Actor, cancellationToken);
            found.Reject(scope.Actor.Approver, request.Comment, now);
            journal.Audit("access_request.reject", "access_request", id.ToString(), null, null, ("principal", found.PrincipalName));
            journal.Announce(found);
            journal.Signal(new AccessRequestChanged(found.OrganizationId, id));
            return AccessRequestView.Of(found, scope.Actor, now);
        }
    }
}
