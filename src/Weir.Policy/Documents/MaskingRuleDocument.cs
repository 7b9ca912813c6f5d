using System.Collections.Immutable;

namespace Weir.Policy.Documents;

/// <summary>Which columns are masked, how, and what else may be done with them.</summary>
/// <param name="Columns">Patterns <c>schema.table.column</c> with <c>*</c>.</param>
/// <param name="Detect">Content detectors, the second line of defence.</param>
/// <param name="Use">What may be done with a masked value that decides which rows come back; null: equality-only for people, deny for AI agents.</param>
/// <param name="Unprovable">What happens when lineage can't be known.</param>
/// <param name="ExceptGroups">Principals in these groups see the values.</param>
public sealed record MaskingRuleDocument(
    DocumentMetadata Metadata,
    ConnectionSelector Connections,
    PrincipalSelector Principals,
    ImmutableArray<string> Columns,
    ImmutableArray<Detector> Detect,
    MaskSpec Mask,
    MaskedUse? Use,
    UnprovableAction Unprovable,
    ImmutableArray<string> ExceptGroups) : PolicyDocument(Metadata)
{
    public const string KindName = "MaskingRule";

    public override string Kind => KindName;
}
