using System.Collections.Immutable;
using Weir.Policy.Analysis;

namespace Weir.Sql.Catalog;

/// <summary>A table, view or other relation as the catalog knows it.</summary>
internal sealed class CatalogRelation
{
    public required uint Oid { get; init; }

    public required QualifiedName Name { get; init; }

    /// <summary>pg_class.relkind: r, p, v, m, f, S or c.</summary>
    public required char Kind { get; init; }

    public required uint RowType { get; init; }

    public required bool RowSecurity { get; init; }

    /// <summary>The query of a view or materialized view of a user; null otherwise.</summary>
    public string? Definition { get; init; }

    public bool IsSystem => Oid < CatalogSnapshot.FirstUserOid;

    public bool IsView => Kind == 'v';

    public ImmutableArray<CatalogColumn> Columns { get; internal set; } = [];

    public ImmutableArray<uint> Parents { get; internal set; } = [];

    public ImmutableArray<uint> Children { get; internal set; } = [];

    public ImmutableArray<CatalogConstraint> Constraints { get; internal set; } = [];

    /// <summary>Numbers of the columns that a unique index or an exclusion constraint compares with those of other rows.</summary>
    public ImmutableArray<short> UniqueColumns { get; internal set; } = [];

    /// <summary>Expressions and predicates of indexes and the partition key, several with commas between them: every row that is stored runs them.</summary>
    public ImmutableArray<string> StoredExpressions { get; internal set; } = [];

    public ImmutableArray<CatalogRule> Rules { get; internal set; } = [];

    public ImmutableArray<CatalogTrigger> Triggers { get; internal set; } = [];

    public ImmutableArray<CatalogPolicy> Policies { get; internal set; } = [];

    /// <summary>Foreign keys of other relations that reference this one.</summary>
    public ImmutableArray<CatalogConstraint> ReferencedBy { get; internal set; } = [];

    /// <summary>A copy that can be changed without changing this one.</summary>
    public CatalogRelation Copy() => (CatalogRelation)MemberwiseClone();

    public CatalogColumn? Column(string name)
    {
        foreach (CatalogColumn column in Columns)
        {
            if (column.Name == name)
                return column;
        }

        return null;
    }
}
