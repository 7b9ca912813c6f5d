namespace Weir.Sql.Analysis.Walking;

/// <summary>One row of pg_settings.</summary>
/// <param name="Relation">By which name its columns can be qualified.</param>
/// <param name="Setting">In lower case.</param>
internal sealed record SettingsRow(string Relation, string Setting);
