using System.Collections.Immutable;

namespace Weir.Policy.Documents;

/// <summary>Applies a pack of rules that ships with Weir.</summary>
/// <param name="Pack">Name of the pack, such as <c>postgres-baseline</c>.</param>
/// <param name="Overrides">Rule of the pack → what to do with it instead.</param>
public sealed record GuardrailPackDocument(
    DocumentMetadata Metadata,
    string Pack,
    ConnectionSelector Connections,
    PrincipalSelector Principals,
    ImmutableSortedDictionary<string, PackOverride> Overrides) : PolicyDocument(Metadata)
{
    public const string KindName = "GuardrailPack";

    /// <summary>Terms for rules of the pack that ask for a review; null for <see cref="ReviewTerms.Default"/>.</summary>
    public ReviewTerms? Review { get; init; }

    /// <summary>Cron expressions of the minutes in which changes are wanted; only for packs that know a window.</summary>
    public ImmutableArray<string> Window { get; init; } = [];

    public override string Kind => KindName;
}
