using System.Collections.Immutable;

namespace Weir.Policy.Documents;

/// <summary>Which agents serve a connection: by name, or by labels that must all match.</summary>
public sealed record AgentSelector(ImmutableArray<string> Names, ImmutableSortedDictionary<string, string> Labels);
