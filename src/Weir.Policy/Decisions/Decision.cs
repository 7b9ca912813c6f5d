using System.Collections.Immutable;
using Weir.Policy.Documents;

namespace Weir.Policy.Decisions;

/// <summary>What is decided about one text, with everything that led to it. Immutable and shared between sessions.</summary>
/// <param name="Verdict">The strictest of the text's statements.</param>
/// <param name="Reasons">All rules that applied, the deciding one first; empty when nothing objected.</param>
/// <param name="Review">Terms of the review; null unless <see cref="Verdict.Review"/>.</param>
/// <param name="EstimateOver">The planner must be asked first: deny/review reasons that apply only when its estimate exceeds the number; empty when none.</param>
/// <param name="Digest">SHA-256 over the rules that applied, so that an approval is valid only under the same rules.</param>
public sealed record Decision(
    Verdict Verdict,
    ImmutableArray<DecisionReason> Reasons,
    ReviewTerms? Review,
    ImmutableArray<EstimateCondition> EstimateOver,
    ReadOnlyMemory<byte> Digest);
