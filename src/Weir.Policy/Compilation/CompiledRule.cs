using Weir.Policy.Decisions;
using Weir.Policy.Documents;

namespace Weir.Policy.Compilation;

/// <summary>A guardrail, or a rule of a pack, ready to match.</summary>
/// <param name="Name">Public name: the document's, or <c>document/rule</c>.</param>
/// <param name="Review">Terms; not null for <see cref="Verdict.Review"/>.</param>
/// <param name="Reason">Prebuilt.</param>
/// <param name="Digest">SHA-256 over everything that the rule says.</param>
internal sealed record CompiledRule(
    string Name,
    ConnectionSelector Connections,
    PrincipalSelector Principals,
    RuleConditions When,
    Verdict Verdict,
    ReviewTerms? Review,
    int Priority,
    bool IsShadow,
    DecisionReason Reason,
    byte[] Digest);
