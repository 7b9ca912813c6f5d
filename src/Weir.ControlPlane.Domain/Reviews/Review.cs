using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Domain.Reviews;

/// <summary>
/// A held statement that waits for people: open → approved, rejected, expired or withdrawn; approved → consumed (used once), withdrawn or expired. Approved for a
/// while, it covers every statement of its shape and is never consumed.
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
        ShapeBinding = held.Shape?.Binding.ToArray();
        ShapeText = held.Shape?.Text;
        MaxWindow = held.Shape?.MaxWindow;
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

    /// <summary>What an approval for a while is bound to; null when only the statement itself can be approved.</summary>
    public byte[]? ShapeBinding { get; private set; }

    public string? ShapeText { get; private set; }

    public TimeSpan? MaxWindow { get; private set; }

    /// <summary>Approved for every statement of the shape until then; null when for one statement.</summary>
    public DateTimeOffset? WindowUntil { get; private set; }

    /// <summary>The review whose approval for a while decided this one too.</summary>
    public ReviewId? CoveredBy { get; private set; }

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

    /// <param name="window">How long every statement of the shape is approved for; null for this statement, once. Of several approvals the narrowest counts.</param>
    /// <exception cref="ApprovalRefusedException">This approver may not decide, or already has; or the window is more than the rules allow.</exception>
    public void Approve(Approver approver, string? comment, DateTimeOffset now, TimeSpan? window = null)
    {
        RequireOpen("approved", now);
        if (window is { } wanted && (wanted <= TimeSpan.Zero || wanted > (MaxWindow ?? TimeSpan.Zero)))
        {
            throw new ApprovalRefusedException(MaxWindow is { } most
                ? $"The rules allow this shape to be approved for at most {most}."
                : "This statement can only be approved once: its verdict depends on its values, or the rules don't allow more.");
        }

        approver.RequireMayDecide(PrincipalId, OnBehalfOf, Reviewers);
        if (Approvals.Any(a => a.By == approver.Id))
        {
            throw new ApprovalRefusedException("You have approved this review already; another person must.");
        }

        Approvals = [.. Approvals, new Approval(approver.Id, approver.Name, now, comment, window)];
        if (Approvals.Count < ApprovalsNeeded)
        {
            return;
        }

        Decide(ReviewStatus.Approved, approver.Name, comment, now);
        ApprovedAt = now;
        ApprovedRows = RowsChanged?.Values.Sum();
        if (Approvals.All(a => a.Window is not null))
        {
            WindowUntil = now + Approvals.Min(a => a.Window!.Value);
        }

        ExpiresAt = WindowUntil ?? now + ValidFor;
    }

    /// <summary>This review approves whatever the other one asks.</summary>
    public bool Covers(Review other, DateTimeOffset now) =>
        Status == ReviewStatus.Approved && now < WindowUntil && AgentId == other.AgentId && PrincipalId == other.PrincipalId
        && ShapeBinding is { } shape && other.ShapeBinding is { } others && shape.AsSpan().SequenceEqual(others);

    /// <summary>It asks for what was approved for a while already: it passes, once, without anybody being asked. No budget is waived: nobody has seen what it does.</summary>
    public void ApproveUnder(Review window, DateTimeOffset now)
    {
        RequireOpen("approved", now);
        if (!window.Covers(this, now))
        {
            throw new InvalidOperationException("The review is not covered by that one.");
        }

        Approvals = window.Approvals;
        CoveredBy = window.Id;
        Decide(ReviewStatus.Approved, window.DecidedBy!, null, now);
        ApprovedAt = now;
        ExpiresAt = window.WindowUntil!.Value;
    }

    /// <inheritdoc cref="Approve"/>
    public void Reject(Approver approver, string? comment, DateTimeOffset now)
    {
        RequireOpen("rejected", now);
        approver.RequireMayDecide(PrincipalId, OnBehalfOf, Reviewers);
        Decide(ReviewStatus.Rejected, approver.Name, comment, now);
        IsWaiting = false;
    }

    /// <summary>
    /// Taken back: while it is open by the one whose statement it is; an approval that holds also by whoever could have refused it. What has passed has passed.
    /// </summary>
    /// <exception cref="ApprovalRefusedException">Somebody else's.</exception>
    public void Withdraw(Approver by, bool isAdministrator, DateTimeOffset now)
    {
        var isOwn = by.Id == PrincipalId || by.Id == OnBehalfOf;
        if (Status == ReviewStatus.Approved && now < ExpiresAt)
        {
            if (!isOwn && !isAdministrator && !(by.Kind == PrincipalKind.User && Reviewers.Any(by.Groups.Contains)))
            {
                throw new ApprovalRefusedException("An approval is withdrawn by its reviewers, an administrator, or the one whose statement it is.");
            }
        }
        else
        {
            RequireOpen("withdrawn", now);
            if (!isOwn)
            {
                throw new ApprovalRefusedException("Only the one whose statement it is withdraws a review.");
            }
        }

        Decide(ReviewStatus.Withdrawn, by.Name, null, now);
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

        if (ApprovedAt is null || WindowUntil is not null)
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
