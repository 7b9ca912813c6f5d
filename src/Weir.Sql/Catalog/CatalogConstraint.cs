using System.Collections.Immutable;

namespace Weir.Sql.Catalog;

/// <summary>A CHECK constraint (of a relation or domain) or a foreign key.</summary>
/// <param name="Relation">Oid of the relation it belongs to, 0 for a domain's.</param>
/// <param name="Type">Oid of the domain it belongs to, 0 for a relation's.</param>
/// <param name="Referenced">For a foreign key: the referenced relation.</param>
/// <param name="OnDelete">For a foreign key: a, r, c, n or d (pg_constraint.confdeltype).</param>
/// <param name="OnUpdate">The same for updates of the key.</param>
/// <param name="Check">For a CHECK: <c>CHECK (…)</c>.</param>
internal sealed record CatalogConstraint(uint Relation, uint Type, uint Referenced, char OnDelete, char OnUpdate, string? Check)
{
    /// <summary>For a foreign key: numbers of its columns.</summary>
    public ImmutableArray<short> Columns { get; init; } = [];

    /// <summary>For a foreign key: numbers of the columns that they reference, in the same order.</summary>
    public ImmutableArray<short> ReferencedColumns { get; init; } = [];
}
