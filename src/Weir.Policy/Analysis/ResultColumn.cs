using System.Collections.Immutable;

namespace Weir.Policy.Analysis;

/// <summary>The lineage of one column of a statement's answer.</summary>
/// <param name="Name">Name as the server will report it, or empty when that isn't known.</param>
/// <param name="Sources">All base columns whose values can flow into it.</param>
/// <param name="IsProvable">False when more may flow in than <paramref name="Sources"/> says (procedural function, dynamic SQL, unknown construct).</param>
/// <param name="IsIdentity">True when the value is a base column's value unchanged (so a type-preserving mask applies cleanly).</param>
public sealed record ResultColumn(string Name, ImmutableArray<ColumnSource> Sources, bool IsProvable, bool IsIdentity);
