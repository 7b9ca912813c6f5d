using System.Collections.Immutable;

namespace Weir.Policy.Analysis;

/// <summary>A base-table column that a statement reads or writes, also through views, aliases and expressions.</summary>
/// <param name="Relations">The relations it may belong to; several when the name is ambiguous.</param>
/// <param name="Column">Column name; <c>*</c> when all columns of the relation are meant or which one can't be known.</param>
/// <param name="Use">How it is used.</param>
/// <param name="ComparedWith">For <see cref="ColumnUse.EqualityPredicate"/> between two columns: the other side's candidates; empty for a constant or parameter.</param>
public sealed record ColumnReference(
    ImmutableArray<QualifiedName> Relations,
    string Column,
    ColumnUse Use,
    ImmutableArray<(QualifiedName Relation, string Column)> ComparedWith);
