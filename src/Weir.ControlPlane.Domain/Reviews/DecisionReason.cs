namespace Weir.ControlPlane.Domain.Reviews;

/// <summary>Why a statement was allowed, denied or held, as the agent reported it.</summary>
/// <param name="Source">guardrail, access_level, masking_rule, budget or gateway.</param>
/// <param name="Verdict">allow, review or deny.</param>
/// <param name="Shadow">The rule only says what it would have done.</param>
public sealed record DecisionReason(string Source, string Rule, string Verdict, string Message, string Hint, bool Shadow);
