namespace Weir.Sql.Catalog;

/// <summary>One query whose rows, as text, go to <see cref="CatalogSnapshotBuilder.Add"/> with its section.</summary>
/// <param name="Section">What the rows are.</param>
/// <param name="Sql">A single SELECT that runs on PostgreSQL 14 to 18 and returns at most <see cref="CatalogQueries.MaxRows"/> + 1 rows.</param>
public sealed record CatalogQuery(CatalogSection Section, string Sql);
