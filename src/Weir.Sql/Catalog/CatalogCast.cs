namespace Weir.Sql.Catalog;

/// <summary>A cast that a user or an extension made.</summary>
/// <param name="Context">e explicit, a assignment, i implicit.</param>
internal sealed record CatalogCast(uint Source, uint Target, uint Function, char Context);
