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

    public override string Kind => KindName;
}
