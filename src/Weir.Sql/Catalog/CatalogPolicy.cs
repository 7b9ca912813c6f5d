namespace Weir.Sql.Catalog;

/// <summary>A row security policy: what its expressions call, every statement on the relation calls.</summary>
/// <param name="Command">pg_policy.polcmd: r, a, w, d or *.</param>
internal sealed record CatalogPolicy(char Command, string? Using, string? WithCheck);
