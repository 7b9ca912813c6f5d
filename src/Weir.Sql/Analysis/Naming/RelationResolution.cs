using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Sql.Catalog;

namespace Weir.Sql.Analysis.Naming;

/// <summary>What the name of a relation means.</summary>
/// <param name="Candidates">At least one.</param>
/// <param name="Known">Those of them that the catalog holds.</param>
/// <param name="Temporary">A temporary relation that is, or may be, meant.</param>
/// <param name="IsCertain">The name means the one known relation or the temporary one, and nothing else.</param>
internal sealed record RelationResolution(
    ImmutableArray<QualifiedName> Candidates,
    ImmutableArray<CatalogRelation> Known,
    TemporaryRelation? Temporary,
    bool IsCertain)
{
    public const string TemporarySchema = "pg_temp";

    public CatalogRelation? Relation => IsCertain && Temporary is null && Known.Length == 1 ? Known[0] : null;

    /// <summary>A relation of this session alone, whether or not its columns are known.</summary>
    public bool IsTemporary => IsCertain && Candidates.Length == 1 && Candidates[0].Schema == TemporarySchema;
}
