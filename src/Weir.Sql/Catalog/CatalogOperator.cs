namespace Weir.Sql.Catalog;

/// <summary>An operator that a user or an extension made.</summary>
internal sealed record CatalogOperator(string Name, string Schema, uint Function);
