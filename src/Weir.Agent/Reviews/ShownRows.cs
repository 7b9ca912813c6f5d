using System.Collections.Immutable;

namespace Weir.Agent.Reviews;

/// <summary>Some of the rows of one table that a dry run changed, masked. Values are text; null for NULL.</summary>
internal sealed record ShownRows(string Relation, ImmutableArray<string> Columns, ImmutableArray<ImmutableArray<string?>> Before, ImmutableArray<ImmutableArray<string?>> After);
