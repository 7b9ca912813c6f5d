using System.ComponentModel;
using System.Globalization;
using System.Security.Claims;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Server.Sql;

namespace Weir.ControlPlane.Server.Mcp;

/// <summary>Tools that reach a database, through the relay like any client.</summary>
[McpServerToolType]
internal sealed class SqlTools(RelayedSql sql, SqlCredentials credentials)
{
    private const int MostRows = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [McpServerTool(Name = "describe_schema", Title = "Describe schema", ReadOnly = true, Idempotent = true, OpenWorld = false)]
    [Description("Lists tables and views of a connection with their columns, types and comments.")]
    public Task<CallToolResult> DescribeAsync(
        ClaimsPrincipal user,
        [Description("Name from list_connections.")] string connection,
        CancellationToken cancellationToken,
        [Description("Only relations whose schema.name matches; * stands for anything.")] string relations = "*",
        [Description("nextCursor of the answer before.")] string? cursor = null)
    {
        // A literal is the only thing that comes from outside; standard_conforming_strings is pinned on the wire.
        var pattern = relations.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal)
            .Replace('*', '%').Replace("'", "''", StringComparison.Ordinal);
        var statement = $"""
            SELECT n.nspname || '.' || c.relname AS relation,
                   CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
                   a.attname AS "column", pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
                   pg_catalog.col_description(c.oid, a.attnum) AS comment
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
              AND n.nspname || '.' || c.relname LIKE '{pattern}'
            ORDER BY 1, a.attnum
            """;
        return RunAsync(user, connection, statement, 500, cursor, "mcp describe_schema", cancellationToken);
    }

    [McpServerTool(Name = "query", Title = "Query", ReadOnly = true, Idempotent = true, OpenWorld = false)]
    [Description("Runs one SQL statement that reads, in a read-only transaction. Sensitive values come back masked. Use ORDER BY when you page with cursor.")]
    public Task<CallToolResult> QueryAsync(
        ClaimsPrincipal user,
        [Description("Name from list_connections.")] string connection,
        [Description("One statement of the database's dialect.")] string statement,
        CancellationToken cancellationToken,
        [Description("Rows to return, 1 to 1000.")] int maxRows = 100,
        [Description("nextCursor of the answer before; runs the statement again and skips what you have.")] string? cursor = null) =>
        RunAsync(user, connection, statement, maxRows, cursor, "mcp query", cancellationToken, isReadOnly: true);

    [McpServerTool(Name = "execute", Title = "Execute", ReadOnly = false, Destructive = true, Idempotent = false, OpenWorld = false)]
    [Description("Runs one SQL statement that may change data. It may be refused, or held until a person approves (status held).")]
    public Task<CallToolResult> ExecuteAsync(
        ClaimsPrincipal user,
        [Description("Name from list_connections.")] string connection,
        [Description("One statement of the database's dialect.")] string statement,
        CancellationToken cancellationToken) =>
        RunAsync(user, connection, statement, MostRows, null, "mcp execute", cancellationToken);

    private Task<CallToolResult> RunAsync(
        ClaimsPrincipal user, string connection, string statement, int maxRows, string? cursor, string purpose, CancellationToken cancellationToken, bool isReadOnly = false) =>
        ToolAnswer.RunAsync(user, async actor =>
        {
            if (maxRows is < 1 or > MostRows)
            {
                throw new ValidationFailedException("maxRows", $"1 to {MostRows}.");
            }

            long skip = 0;
            if (cursor is not null && (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out skip) || skip > 1_000_000))
            {
                throw new ValidationFailedException("cursor", "Not the nextCursor of an answer.");
            }

            var credential = await credentials.GetAsync(actor, connection, cancellationToken);
            var outcome = await sql.RunAsync(credential, statement, skip, maxRows, Patience, purpose, cancellationToken, isReadOnly);
            if (outcome is SqlOutcome.Refused { SqlState: "28000" or "28P01" or "57P01" })
            {
                credentials.Forget(actor, connection);
            }

            return ToolAnswer.Of(outcome, skip);
        });
}
