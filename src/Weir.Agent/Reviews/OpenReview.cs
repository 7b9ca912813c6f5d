using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Reviews;

/// <summary>A review as the desk knows it. Guarded by the desk's lock.</summary>
internal sealed class OpenReview(Guid id, string binding, string? shapeBinding)
{
    public Guid Id { get; } = id;

    public string Binding { get; } = binding;

    /// <summary>What an approval for a while holds for; null when it can't be approved for a while.</summary>
    public string? ShapeBinding { get; } = shapeBinding;

    /// <summary>Approved for the shape until then, as often as it comes; null while it is not.</summary>
    public DateTimeOffset? WindowUntil { get; set; }

    /// <summary>What was, and after a reconnect is again, asked; null for a review that only the control plane remembers.</summary>
    public ReviewRequest? Request { get; init; }

    /// <summary>Statements that wait for the decision, in the order they came.</summary>
    public List<ReviewWaiter> Waiters { get; } = [];

    /// <summary>Asked for by a statement that has ended: it is asked again after a reconnect although nobody waits.</summary>
    public bool IsOffer { get; init; }

    public bool IsApproved { get; set; }

    /// <summary>The ticket that holds the approval; null when nobody does.</summary>
    public ReviewTicket? Holder { get; set; }

    /// <summary>From then on the review, or its approval, is void.</summary>
    public DateTimeOffset ExpiresAt { get; set; }

    public string Comment { get; set; } = "";

    public string DecidedBy { get; set; } = "";

    public long? ApprovedRows { get; set; }

    public ReviewOutcome Approval => new(ReviewOutcomeKind.Approved, Comment, DecidedBy, ApprovedRows);

    /// <summary>For another statement of the shape: what the approver was shown is not what this one does, so no budget is waived.</summary>
    public ReviewOutcome Coverage => new(ReviewOutcomeKind.Approved, Comment, DecidedBy, null);
}
