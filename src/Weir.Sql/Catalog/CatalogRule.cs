namespace Weir.Sql.Catalog;

/// <param name="Event">pg_rewrite.ev_type: 1 SELECT, 2 UPDATE, 3 INSERT, 4 DELETE.</param>
/// <param name="Definition">The CREATE RULE statement.</param>
internal sealed record CatalogRule(string Name, char Event, bool IsInstead, string Definition);
