using Weir.Policy.Documents;

namespace Weir.Policy.Decisions;

/// <summary>A rule that applies only when the planner expects more rows than a limit.</summary>
public sealed record EstimateCondition(long RowsOver, DecisionReason Reason, ReviewTerms? Review);
