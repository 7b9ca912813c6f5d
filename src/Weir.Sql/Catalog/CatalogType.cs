using System.Collections.Immutable;
using Weir.Policy.Analysis;

namespace Weir.Sql.Catalog;

/// <param name="Kind">pg_type.typtype: b, c, d, e, m, p or r.</param>
/// <param name="Element">Element type of an array.</param>
/// <param name="Relation">For a composite type: its relation, which holds the attributes.</param>
/// <param name="BaseType">For a domain.</param>
/// <param name="Category">pg_type.typcategory: B boolean, N number, S string, D date/time …</param>
internal sealed record CatalogType(uint Oid, QualifiedName Name, char Kind, uint Element, uint Relation, uint BaseType, char Category)
{
    /// <summary>For a domain: pg_type.typtypmod; -1 for none.</summary>
    public int Modifier { get; init; } = -1;

    /// <summary>Of an enum, in their order.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>Definitions of a domain's CHECK constraints.</summary>
    public ImmutableArray<string> Checks { get; internal set; } = [];
}
