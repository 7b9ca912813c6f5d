using System.Collections.Immutable;
using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Naming;

/// <summary>Something in FROM that columns can be qualified with.</summary>
internal sealed class ScopeRelation
{
    /// <summary>Alias, or the relation's own name.</summary>
    public required string Name { get; init; }

    /// <summary>Schema by which the name may be qualified; empty when it has an alias.</summary>
    public string Schema { get; init; } = "";

    public required ImmutableArray<OutputColumn> Columns { get; init; }

    /// <summary>False when it may have other columns than these.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>What it is in the catalog, when it is a relation and certain.</summary>
    public CatalogRelation? Catalog { get; init; }

    /// <summary>What a column that isn't among <see cref="Columns"/> comes from.</summary>
    public Lineage Rest { get; init; } = Lineage.Unknown;

    /// <summary>Takes part in qualified names only (OLD and NEW of RETURNING, <c>excluded</c>).</summary>
    public bool IsQualifiedOnly { get; init; }

    /// <summary>Never yields more than a few rows, whatever the tables hold.</summary>
    public Func<bool> IsBounded { get; init; } = static () => false;

    /// <summary>A temporary view: what is done to its rows is done to rows of other relations.</summary>
    public bool IsTemporaryView { get; init; }

    /// <summary>The relation that the statement changes.</summary>
    public bool IsTarget { get; init; }

    public OutputColumn? Column(string name)
    {
        foreach (OutputColumn column in Columns)
        {
            if (column.Name == name)
                return column;
        }

        return null;
    }

    /// <summary>The whole row as a value.</summary>
    public Lineage Row()
    {
        Lineage union = Lineage.Union(Columns.Select(c => c.Lineage));
        return IsComplete
            ? union with { IsPlain = false, Row = new RowShape(Columns), Type = Catalog?.RowType ?? 0 }
            : Lineage.Union(union, Rest).Unproven();
    }
}
