using Microsoft.EntityFrameworkCore.Migrations;

namespace Weir.ControlPlane.Application.Persistence.Migrations;

/// <summary>Row-level security of a table that came after the first schema: its migration calls this once, and neither ever changes.</summary>
internal static class TenantTable
{
    public static void Protect(MigrationBuilder migrationBuilder, string table)
    {
        const string isTenant = "organization_id = NULLIF(current_setting('weir.organization_id', true), '')::uuid";
        migrationBuilder.Sql($"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;");
        migrationBuilder.Sql($"CREATE POLICY tenant ON {table} USING ({isTenant}) WITH CHECK ({isTenant});");
    }
}
