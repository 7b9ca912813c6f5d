namespace Weir.Agent.Recording;

/// <summary>What was done to a column of an answer.</summary>
/// <param name="Rule">Name of the masking rule; empty when the column passed.</param>
/// <param name="Because"><c>lineage</c>, <c>origin</c>, <c>content</c> or <c>unprovable</c>; empty when the column passed.</param>
internal readonly record struct MaskedColumn(string Rule, string Because);
