using System.Collections.Frozen;
using System.Collections.Immutable;
using Weir.Policy.Analysis;

namespace Weir.Sql.Catalog;

/// <summary>The catalog's objects by what they are looked up with.</summary>
internal sealed record CatalogContents
{
    public required ImmutableHashSet<string> Schemas { get; init; }

    public required Layered<uint, CatalogRelation> RelationsByOid { get; init; }

    public required Layered<QualifiedName, CatalogRelation> Relations { get; init; }

    public required FrozenDictionary<uint, CatalogFunction> FunctionsByOid { get; init; }

    public required FrozenDictionary<string, ImmutableArray<CatalogFunction>> Functions { get; init; }

    public required Layered<uint, CatalogType> TypesByOid { get; init; }

    public required Layered<QualifiedName, CatalogType> Types { get; init; }

    public required FrozenSet<string> SystemOperators { get; init; }

    public required FrozenDictionary<string, ImmutableArray<CatalogOperator>> Operators { get; init; }

    public required FrozenDictionary<uint, ImmutableArray<CatalogCast>> CastsByTarget { get; init; }

    /// <summary>Functions of users that run without being named: implicit and assignment casts, operator classes.</summary>
    public required ImmutableArray<uint> AmbientFunctions { get; init; }

    public required ImmutableArray<CatalogEventTrigger> EventTriggers { get; init; }
}
