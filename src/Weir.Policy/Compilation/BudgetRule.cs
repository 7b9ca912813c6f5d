using Weir.Policy.Documents;

namespace Weir.Policy.Compilation;

/// <summary>A budget that applies to a session, and the guardrail that sets it.</summary>
/// <param name="Review">Who may approve work over the budget; null when it is rolled back for good.</param>
public sealed record BudgetRule(string Guardrail, BudgetTerms Terms, ReviewTerms? Review);
