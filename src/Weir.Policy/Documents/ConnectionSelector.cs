using System.Collections.Immutable;

namespace Weir.Policy.Documents;

/// <summary>Which connections a rule is about: any of the names, or all of the labels; both empty means all connections.</summary>
public sealed record ConnectionSelector(ImmutableArray<string> Names, ImmutableSortedDictionary<string, string> Labels)
{
    public static ConnectionSelector All { get; } = new([], ImmutableSortedDictionary<string, string>.Empty);
}
