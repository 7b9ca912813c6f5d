using System.Collections.Immutable;
using Weir.Policy.Access;

namespace Weir.Policy.Documents;

/// <summary>Which principals a rule is about: each given list must match (any of its entries); all empty means everybody.</summary>
public sealed record PrincipalSelector(ImmutableArray<string> Names, ImmutableArray<string> Groups, ImmutableArray<PrincipalKind> Kinds)
{
    public static PrincipalSelector All { get; } = new([], [], []);
}
