using Microsoft.EntityFrameworkCore.Migrations;

namespace Weir.ControlPlane.Application.Persistence.Migrations;

/// <summary>
/// Row-level security of the first schema (decision 0002). Frozen like the migration that calls it: a later table brings its policies in its own migration,
/// and the server refuses to start while a table with an organization has none.
/// </summary>
internal static class InitialRowLevelSecurity
{
    private const string IsTenant = "organization_id = NULLIF(current_setting('weir.organization_id', true), '')::uuid";

    private static readonly string[] Tables =
    [
        "access_credentials", "access_requests", "agent_connection_statuses", "agents", "api_tokens", "document_secrets", "enrollment_tokens", "external_logins",
        "grants", "group_memberships", "groups", "local_logins", "organization_counters", "organization_keys", "organization_settings", "organizations",
        "policy_documents", "principals", "reviews", "session_statements", "sessions",
    ];

    /// <summary>Their rows are added and read, never changed or removed by the server.</summary>
    private static readonly string[] AppendOnlyTables = ["audit_events", "session_events", "session_seals"];

    /// <summary>Shown across organizations while <c>weir.lookup</c> names exactly the row that is looked for.</summary>
    private static readonly (string Table, string Condition)[] LookUps =
    [
        ("access_credentials", "current_setting('weir.lookup', true) = 'credential:' || id"),
        ("agents", "current_setting('weir.lookup', true) = 'agent:' || id::text"),
        ("api_tokens", "current_setting('weir.lookup', true) = 'api_token:' || encode(secret_hash, 'hex')"),
        ("enrollment_tokens", "current_setting('weir.lookup', true) = 'enrollment_token:' || encode(secret_hash, 'hex')"),
        ("organizations", "current_setting('weir.lookup', true) IN ('organizations', 'organization:' || name)"),
    ];

    public static void Protect(MigrationBuilder migrationBuilder)
    {
        foreach (var table in Tables.Concat(AppendOnlyTables))
        {
            migrationBuilder.Sql($"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;");
        }

        foreach (var table in Tables)
        {
            migrationBuilder.Sql($"CREATE POLICY tenant ON {table} USING ({IsTenant}) WITH CHECK ({IsTenant});");
        }

        foreach (var table in AppendOnlyTables)
        {
            migrationBuilder.Sql($"CREATE POLICY tenant_read ON {table} FOR SELECT USING ({IsTenant}); CREATE POLICY tenant_append ON {table} FOR INSERT WITH CHECK ({IsTenant});");
        }

        foreach (var (table, condition) in LookUps)
        {
            migrationBuilder.Sql($"CREATE POLICY lookup ON {table} FOR SELECT USING ({condition});");
        }
    }
}
