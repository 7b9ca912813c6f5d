using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Access;
using Weir.Policy.Documents;

namespace Weir.ControlPlane.Application.Features.AccessRequests;

/// <summary>Asks for a time-bound right, under an access rule of mode <c>request</c> that covers the actor and the connection.</summary>
public static class CreateAccessRequest
{
    /// <summary>How long an undecided request waits.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    public const int MaxPending = 20;

    /// <param name="Access">read, write or admin; null for the least that can be asked for.</param>
    /// <param name="Duration">Null for the longest that the rule allows, at most an hour.</param>
    [RequirePermission(Permission.Participate)]
    public sealed record Command(string Connection, string? Access = null, TimeSpan? Duration = null, string? Reason = null) : IRequest<AccessRequestView>;

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Connection).NotEmpty().MaximumLength(63);
            RuleFor(c => c.Access).Must(a => a is null || WireName.Parse<AccessLevel>(a) is not null).WithMessage("One of read, write, admin.");
            RuleFor(c => c.Duration).Must(d => d is null || d > TimeSpan.Zero).WithMessage("More than nothing.");
            RuleFor(c => c.Reason).MaximumLength(AccessRequest.MaxReasonLength);
        }
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, PolicyDocuments documents, TimeProvider time)
        : IRequestHandler<Command, AccessRequestView>
    {
        public async ValueTask<AccessRequestView> Handle(Command request, CancellationToken cancellationToken)
        {
            var actor = scope.Actor;
            var now = time.GetUtcNow();
            var connection = await documents.FindConnectionAsync(request.Connection, cancellationToken) ?? throw new NotFoundException("connection", request.Connection);
            var rule = await FindRuleAsync(request, connection, cancellationToken);
            var terms = rule.Request!;
            var duration = request.Duration ?? (terms.MaxDuration < TimeSpan.FromHours(1) ? terms.MaxDuration : TimeSpan.FromHours(1));
            if (duration > terms.MaxDuration)
            {
                throw new ValidationFailedException("duration", $"The rule \"{rule.Metadata.Name}\" allows at most {terms.MaxDuration}.");
            }

            if (terms.RequireReason && string.IsNullOrWhiteSpace(request.Reason))
            {
                throw new ValidationFailedException("reason", "Say what you need it for.");
            }

            var principal = await db.Principals.AsNoTracking().SingleAsync(p => p.Id == actor.PrincipalId, cancellationToken);
            if (await db.AccessRequests.CountAsync(r => r.PrincipalId == principal.Id && r.Status == AccessRequestStatus.Pending && r.ExpiresAt > now, cancellationToken) >= MaxPending)
            {
                throw new ConflictException($"{MaxPending} of your requests wait already.");
            }

            var created = new AccessRequest(
                principal.OrganizationId,
                AccessRequestId.New(now),
                principal,
                connection.Metadata.Name,
                request.Access is { } access ? WireName.Parse<AccessLevel>(access)!.Value : (AccessLevel)(int)rule.Access,
                duration,
                string.IsNullOrWhiteSpace(request.Reason) ? null : request.Reason.Trim(),
                new AccessRequestRules(rule.Metadata.Name, terms.Approvers, terms.Approvals),
                now,
                now + Patience);
            db.AccessRequests.Add(created);
            journal.Audit("access_request.create", "access_request", created.Id.ToString(), null, null, ("connection", created.Connection), ("access", WireName.Of(created.Access)), ("duration", $"{duration}"));
            journal.Announce(created);
            journal.Signal(new AccessRequestChanged(created.OrganizationId, created.Id));
            return AccessRequestView.Of(created, actor, now);
        }

        // The rule that gives least and still enough; of equals the first by name.
        private async Task<AccessRuleDocument> FindRuleAsync(Command request, ConnectionDocument connection, CancellationToken cancellationToken)
        {
            var subject = scope.Actor.ToPolicyPrincipal();
            var least = request.Access is { } access ? (int)WireName.Parse<AccessLevel>(access)!.Value : 0;
            var rules = await documents.ListAsync<AccessRuleDocument>(AccessRuleDocument.KindName, cancellationToken);
            return rules
                .Where(r => r is { Mode: AccessMode.Request, Request: not null } && (int)r.Access >= least && r.Principals.Matches(subject) && r.Connections.Matches(connection))
                .OrderBy(r => r.Access)
                .ThenBy(r => r.Metadata.Name, StringComparer.Ordinal)
                .FirstOrDefault()
                ?? throw new ForbiddenException($"No access rule lets you ask for {request.Access ?? "access"} on {connection.Metadata.Name}.");
        }
    }
}
