namespace Weir.Policy.Decisions;

/// <summary>One rule that applied to a statement.</summary>
/// <param name="Rule">Name of the guardrail (<c>document/rule</c> for a rule of a pack), access level, or masking rule.</param>
/// <param name="Message">Why, for people; no literal values of the statement.</param>
/// <param name="Hint">What to do next.</param>
/// <param name="IsShadow">The rule only records what it would have done.</param>
public sealed record DecisionReason(ReasonSource Source, string Rule, Verdict Verdict, string Message, string? Hint, bool IsShadow = false);
