namespace Weir.Sql.Catalog;

/// <param name="Event">ddl_command_start, ddl_command_end, sql_drop, table_rewrite or login.</param>
internal sealed record CatalogEventTrigger(string Name, string Event, uint Function);
