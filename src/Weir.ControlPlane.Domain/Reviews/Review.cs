using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Domain.Reviews;

/// <summary>
/// A held statement that waits for people: open → approved, rejected, expired or withdrawn; approved → consumed (used once) or expired.
/// Whether the client still waits is apart from that: an approval may be used when the same statement comes again.
/// </summary>
public sealed class Review : ITenantOwned
{
    private Review()
    {
        PrincipalName = Connection = Text = "";
        Parameters = Relations = SensitiveColumns = Reviewers = [];
        Reasons = [];
        Approvals = [];
        Binding = [];
        Context = new Dictionary<string, string>();
    }

    public Review(OrganizationId organizationId, ReviewId id, AgentId agentId, Principal principal, HeldStatement held, ReviewRules rules, DateTimeOffset now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rules.Approvals, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(rules.ExpiresAfter, TimeSpan.Zero);
        OrganizationId = organizationId;
        Id = id;
        AgentId = agentId;
        PrincipalId = principal.Id;
        PrincipalName = principal.Name;
        OnBehalfOf = principal.OnBehalfOf;
        SessionId = new SessionId(held.SessionId);
        Statement = held.Statement;
        Connection = held.Connection;
        Text = held.Text;
        Parameters = held.Parameters;
        Reasons = held.Reasons;
        Binding = held.Binding.ToArray();
        Context = held.Context;
        Relations = held.Relations;
        SensitiveColumns = held.SensitiveColumns;
        EstimatedRows = held.EstimatedRows;
        RowsChanged = held.RowsChanged;
        NotRunBecause = held.NotRunBecause;
        Samples = held.Samples;
        Reviewers = rules.Reviewers;
        ApprovalsNeeded = rules.Approvals;
        ValidFor = rules.ExpiresAfter;
        Approvals = [];
        IsWaiting = true;
        CreatedAt = now;
        ExpiresAt = now + rules.ExpiresAfter;
    }

    public OrganizationId OrganizationId { get; private set; }

    public ReviewId Id { get; private set; }

    public AgentId AgentId { get; private set; }

    public SessionId SessionId { get; private set; }

    /// <summary>Number of the statement in its session.</summary>
    public long Statement { get; private set; }

    public PrincipalId PrincipalId { get; private set; }

    public string PrincipalName { get; private set; }

    public PrincipalId? OnBehalfOf { get; private set; }

    public string Connection { get; private set; }

    public string Text { get; private set; }

    public IReadOnlyList<string> Parameters { get; private set; }

    public IReadOnlyList<DecisionReason> Reasons { get; private set; }

    public byte[] Binding { get; private set; }

    public IReadOnlyDictionary<string, string> Context { get; private set; }

    public IReadOnlyList<string> Relations { get; private set; }

    public IReadOnlyList<string> SensitiveColumns { get; private set; }

    public double? EstimatedRows { get; private set; }

    public IReadOnlyDictionary<string, long>? RowsChanged { get; private set; }

    public string? NotRunBecause { get; private set; }

    public IReadOnlyList<SampleRows>? Samples { get; private set; }

    public IReadOnlyList<string> Reviewers { get; private set; }

    public int ApprovalsNeeded { get; private set; }

    public TimeSpan ValidFor { get; private set; }

    public IReadOnlyList<Approval> Approvals { get; private set; }

    public ReviewStatus Status { get; private set; }

    /// <summary>The client still holds the line.</summary>
    public bool IsWaiting { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When an open review lapses, or an approval that was not used.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    public string? DecidedBy { get; private set; }

    public string? Comment { get; private set; }

    public DateTimeOffset? ApprovedAt { get; private set; }

    /// <summary>Up to how many changed rows the approval waives row budgets: what the last approver was shown; null when nothing was.</summary>
    public long? ApprovedRows { get; private set; }

    public DateTimeOffset? ConsumedAt { get; private set; }

    /// <summary>Whether the approved statement really ran; false when the agent found that the approval was for something else.</summary>
    public bool? WasForwarded { get; private set; }

    /// <summary>A client waits (again) for this review.</summary>
    public void Join()
    {
        if (Status is ReviewStatus.Open or ReviewStatus.Approved)
        {
            IsWaiting = true;
        }
    }

    /// <summary>The client does not wait any more; the review stays as it is.</summary>
    public void Abandon() => IsWaiting = false;

    /// <exception cref="ApprovalRefusedException">This approver may not decide, or already has.</exception>
    public void Approve(Approver approver, string? comment, DateTimeOffset now)
    {
        RequireOpen("approved", now);
        approver.RequireMayDecide(PrincipalId, OnBehalfOf, Reviewers);
        if (Approvals.Any(a => a.By == approver.Id))
        {
            throw new ApprovalRefusedException("You have approved this review already; another person must.");
        }

        Approvals = [.. Approvals, new Approval(approver.Id, approver.Name, now, comment)];
        if (Approvals.Count < ApprovalsNeeded)
        {
            return;
        }

        Decide(ReviewStatus.Approved, approver.Name, comment, now);
        ApprovedAt = now;
        ApprovedRows = RowsChanged?.Values.Sum();
        ExpiresAt = now + ValidFor;
    }

    /// <inheritdoc cref="Approve"/>
    public void Reject(Approver approver, string? comment, DateTimeOffset now)
    {
        RequireOpen("rejected", now);
        approver.RequireMayDecide(PrincipalId, OnBehalfOf, Reviewers);
        Decide(ReviewStatus.Rejected, approver.Name, comment, now);
        IsWaiting = false;
    }

    /// <param name="by">The principal whose statement it is, or the user it acts for.</param>
    public void Withdraw(PrincipalId by, string byName, DateTimeOffset now)
    {
        RequireOpen("withdrawn", now);
        if (by != PrincipalId && by != OnBehalfOf)
        {
            throw new ApprovalRefusedException("Only the one whose statement it is withdraws a review.");
        }

        Decide(ReviewStatus.Withdrawn, byName, null, now);
        IsWaiting = false;
    }

    public void Expire(DateTimeOffset now)
    {
        if (Status is not (ReviewStatus.Open or ReviewStatus.Approved) || now < ExpiresAt)
        {
            throw new IllegalTransitionException("review", StateName, "expired");
        }

        Status = ReviewStatus.Expired;
        DecidedAt ??= now;
        IsWaiting = false;
    }

    /// <summary>
    /// The agent used the approval. Its report may be late: one that expired here meanwhile was used all the same, and the record says so.
    /// A repeated report changes nothing.
    /// </summary>
    public void Consume(bool forwarded, DateTimeOffset now)
    {
        if (Status == ReviewStatus.Consumed)
        {
            return;
        }

        if (ApprovedAt is null)
        {
            throw new IllegalTransitionException("review", StateName, "consumed");
        }

        Status = ReviewStatus.Consumed;
        WasForwarded = forwarded;
        ConsumedAt = now;
        IsWaiting = false;
    }

    private string StateName => Status.ToString().ToLowerInvariant();

    private void RequireOpen(string attempted, DateTimeOffset now)
    {
        if (Status != ReviewStatus.Open || now >= ExpiresAt)
        {
            throw new IllegalTransitionException("review", Status == ReviewStatus.Open ? "expired" : StateName, attempted);
        }
    }

    private void Decide(ReviewStatus status, string by, string? comment, DateTimeOffset now)
    {
        Status = status;
        DecidedBy = by;
        Comment = comment;
        DecidedAt = now;
    }
}
