namespace Weir.Agent.Reviews;

/// <summary>How a review ended.</summary>
/// <param name="ApprovedRows">Approved: up to how many changed rows row budgets are waived; null for not at all.</param>
internal sealed record ReviewOutcome(ReviewOutcomeKind Kind, string Comment, string DecidedBy, long? ApprovedRows);
