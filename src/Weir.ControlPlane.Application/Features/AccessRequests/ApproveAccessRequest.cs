using FluentValidation;
using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Features.AccessRequests;

/// <summary>One approval; the last one needed makes the grant.</summary>
public static class ApproveAccessRequest
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
            if (found.Approve(scope.Actor.Approver, request.Comment, GrantId.New(now), now) is { } grant)
            {
                db.Grants.Add(grant);
                journal.Audit("grant.create", "grant", grant.Id.ToString(), null, null, ("principal", found.PrincipalName), ("connection", grant.Connection), ("access", WireName.Of(grant.Access)), ("endsAt", $"{grant.EndsAt:O}"));
                journal.Announce(found);
            }

            journal.Audit("access_request.approve", "access_request", id.ToString(), null, null, ("principal", found.PrincipalName), ("approvals", $"{found.Approvals.Count}/{found.ApprovalsNeeded}"));
            journal.Signal(new AccessRequestChanged(found.OrganizationId, id));
            return AccessRequestView.Of(found, scope.Actor, now);
        }
    }
}
