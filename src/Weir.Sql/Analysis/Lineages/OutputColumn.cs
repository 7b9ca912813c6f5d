namespace Weir.Sql.Analysis.Lineages;

/// <summary>A named column of a query, relation or row value.</summary>
internal sealed record OutputColumn(string Name, Lineage Lineage);
