using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Domain.Access;

/// <summary>Somebody asks for a time-bound right: pending → approved (which makes a grant), rejected, withdrawn or expired.</summary>
public sealed class AccessRequest : ITenantOwned
{
    public const int MaxReasonLength = 2000;

    private AccessRequest()
    {
        PrincipalName = Connection = Rule = "";
        Approvers = [];
        Approvals = [];
    }

    public AccessRequest(
        OrganizationId organizationId,
        AccessRequestId id,
        Principal principal,
        string connection,
        AccessLevel access,
        TimeSpan duration,
        string? reason,
        AccessRequestRules rules,
        DateTimeOffset now,
        DateTimeOffset expiresAt)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(rules.Approvals, 1);
        OrganizationId = organizationId;
        Id = id;
        PrincipalId = principal.Id;
        PrincipalName = principal.Name;
        OnBehalfOf = principal.OnBehalfOf;
        Connection = connection;
        Access = access;
        Duration = duration;
        Reason = reason;
        Rule = rules.Rule;
        Approvers = rules.Approvers;
        ApprovalsNeeded = rules.Approvals;
        Approvals = [];
        CreatedAt = now;
        ExpiresAt = expiresAt;
    }

    public OrganizationId OrganizationId { get; private set; }

    public AccessRequestId Id { get; private set; }

    public PrincipalId PrincipalId { get; private set; }

    public string PrincipalName { get; private set; }

    public PrincipalId? OnBehalfOf { get; private set; }

    public string Connection { get; private set; }

    public AccessLevel Access { get; private set; }

    /// <summary>How long the grant is to last, from its approval on.</summary>
    public TimeSpan Duration { get; private set; }

    public string? Reason { get; private set; }

    /// <summary>Name of the access rule that allows to ask.</summary>
    public string Rule { get; private set; }

    public IReadOnlyList<string> Approvers { get; private set; }

    public int ApprovalsNeeded { get; private set; }

    public IReadOnlyList<Approval> Approvals { get; private set; }

    public AccessRequestStatus Status { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When an undecided request lapses.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    public string? DecidedBy { get; private set; }

    public string? Comment { get; private set; }

    public GrantId? GrantId { get; private set; }

    /// <returns>The grant, when this was the last approval needed; null when more are.</returns>
    /// <exception cref="ApprovalRefusedException">This approver may not decide, or already has.</exception>
    public Grant? Approve(Approver approver, string? comment, GrantId grantId, DateTimeOffset now)
    {
        RequirePending("approved", now);
        approver.RequireMayDecide(PrincipalId, OnBehalfOf, Approvers);
        if (Approvals.Any(a => a.By == approver.Id))
        {
            throw new ApprovalRefusedException("You have approved this request already; another person must.");
        }

        Approvals = [.. Approvals, new Approval(approver.Id, approver.Name, now, comment)];
        if (Approvals.Count < ApprovalsNeeded)
        {
            return null;
        }

        Decide(AccessRequestStatus.Approved, approver.Name, comment, now);
        GrantId = grantId;
        return new Grant(OrganizationId, grantId, PrincipalId, Connection, Access, Id, now, now + Duration);
    }

    /// <inheritdoc cref="Approve"/>
    public void Reject(Approver approver, string? comment, DateTimeOffset now)
    {
        RequirePending("rejected", now);
        approver.RequireMayDecide(PrincipalId, OnBehalfOf, Approvers);
        Decide(AccessRequestStatus.Rejected, approver.Name, comment, now);
    }

    /// <param name="by">The principal that asked, or the user it asked for.</param>
    public void Withdraw(PrincipalId by, string byName, DateTimeOffset now)
    {
        RequirePending("withdrawn", now);
        if (by != PrincipalId && by != OnBehalfOf)
        {
            throw new ApprovalRefusedException("Only the one who asked withdraws a request.");
        }

        Decide(AccessRequestStatus.Withdrawn, byName, null, now);
    }

    /// <exception cref="IllegalTransitionException">It is decided, or not yet due.</exception>
    public void Expire(DateTimeOffset now)
    {
        if (Status != AccessRequestStatus.Pending || now < ExpiresAt)
        {
            throw new IllegalTransitionException("request", StateName, "expired");
        }

        Status = AccessRequestStatus.Expired;
        DecidedAt = now;
    }

    private string StateName => Status.ToString().ToLowerInvariant();

    private void RequirePending(string attempted, DateTimeOffset now)
    {
        if (Status != AccessRequestStatus.Pending || now >= ExpiresAt)
        {
            throw new IllegalTransitionException("request", Status == AccessRequestStatus.Pending ? "expired" : StateName, attempted);
        }
    }

    private void Decide(AccessRequestStatus status, string by, string? comment, DateTimeOffset now)
    {
        Status = status;
        DecidedBy = by;
        Comment = comment;
        DecidedAt = now;
    }
}
