namespace Weir.Sql.Catalog;

/// <param name="Number">pg_attribute.attnum, as RowDescription reports it.</param>
/// <param name="Default">The default or generation expression of a user's relation; null when there is none.</param>
/// <param name="IsGenerated">GENERATED ALWAYS AS (expression).</param>
internal sealed record CatalogColumn(short Number, string Name, uint Type, bool NotNull, bool IsGenerated, bool IsIdentity, string? Default)
{
    /// <summary>pg_attribute.atttypmod; -1 for none.</summary>
    public int Modifier { get; init; } = -1;
}
