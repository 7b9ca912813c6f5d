using System.Collections.Immutable;

namespace Weir.Policy.Documents;

/// <summary>Name (1 to 63 characters of <c>[a-z0-9-]</c>, starting with a letter or digit; unique per kind in an organization) and labels of a document.</summary>
public sealed record DocumentMetadata(string Name, ImmutableSortedDictionary<string, string> Labels);
