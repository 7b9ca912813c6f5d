using Npgsql;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Tenancy;

public sealed class RowLevelSecurityTests(ControlPlaneDatabases databases)
{
    private const string TablesOfTenants = """
        SELECT t.relname::text FROM pg_class t
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
        WHERE t.relkind IN ('r', 'p') AND t.relnamespace = 'public'::regnamespace ORDER BY 1
        """;

    [Fact]
    public async Task Every_table_of_the_schema_belongs_to_an_organization()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var all = await weir.Database.QueryAsync<string>("SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY 1");
        all.Except(await weir.Database.QueryAsync<string>(TablesOfTenants)).ShouldBe(["__EFMigrationsHistory", "cookie_keys"], "the keys of cookies are needed before anybody is known");
    }

    [Fact]
    public async Task In_no_table_can_the_servers_role_see_change_add_or_remove_a_row_of_another_organization()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var one = (await FullOrganization.CreateAsync(weir, "one")).People.Id;
        var two = (await FullOrganization.CreateAsync(weir, "two")).People.Id;
        await using var connection = new NpgsqlConnection(weir.Database.ServerConnection);
        await connection.OpenAsync(TestControlPlane.Cancellation);

        foreach (var table in await weir.Database.QueryAsync<string>(TablesOfTenants))
        {
            (await weir.Database.QueryAsync<long>($"SELECT count(*) FROM {table} WHERE organization_id = '{one}'"))[0].ShouldBePositive($"{table} must hold something to hide");
            var row = (await weir.Database.QueryAsync<string>($"SELECT row_to_json(t)::text FROM {table} t WHERE organization_id = '{one}' LIMIT 1"))[0];
            foreach (var organization in new[] { "", two.ToString() })
            {
                (await CountAsync(connection, organization, $"SELECT count(*) FROM {table} WHERE organization_id = '{one}'")).ShouldBe(0, table);
                (await ExecuteAsync(connection, organization, $"UPDATE {table} SET organization_id = organization_id WHERE organization_id = '{one}'")).ShouldBe(0, table);
                (await ExecuteAsync(connection, organization, $"DELETE FROM {table} WHERE organization_id = '{one}'")).ShouldBe(0, table);
                (await ExecuteAsync(connection, organization, $"INSERT INTO {table} SELECT * FROM json_populate_record(NULL::{table}, $${row}$$)")).ShouldBeNull(table);
            }

            (await CountAsync(connection, two.ToString(), $"SELECT count(*) FROM {table}"))
                .ShouldBe((await weir.Database.QueryAsync<long>($"SELECT count(*) FROM {table} WHERE organization_id = '{two}'"))[0], table);

            // A row of one's own can't be given away either.
            ((await ExecuteAsync(connection, two.ToString(), $"UPDATE {table} SET organization_id = '{one}'")) ?? 0).ShouldBe(0, table);
        }
    }

    [Fact]
    public async Task Every_primary_and_foreign_key_begins_with_the_organization()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        (await weir.Database.QueryAsync<string>("""
            SELECT c.conname::text FROM pg_constraint c
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
            WHERE c.contype IN ('p', 'f') AND c.connamespace = 'public'::regnamespace AND a.attname <> 'organization_id' AND c.conrelid NOT IN ('"__EFMigrationsHistory"'::regclass, 'cookie_keys'::regclass)
            """)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Outside_of_a_transaction_of_the_pipeline_nothing_is_visible()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        await weir.CreateOrganizationAsync();
        await using var connection = new NpgsqlConnection(weir.Database.ServerConnection);
        await connection.OpenAsync(TestControlPlane.Cancellation);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM principals", connection);
        (await command.ExecuteScalarAsync(TestControlPlane.Cancellation)).ShouldBe(0L);
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, string organization, string sql)
    {
        await using var transaction = await EnterAsync(connection, organization);
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        return (long)(await command.ExecuteScalarAsync(TestControlPlane.Cancellation))!;
    }

    /// <summary>Rows affected, and then rolled back; null when row-level security refused.</summary>
    private static async Task<int?> ExecuteAsync(NpgsqlConnection connection, string organization, string sql)
    {
        await using var transaction = await EnterAsync(connection, organization);
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        try
        {
            return await command.ExecuteNonQueryAsync(TestControlPlane.Cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }
    }

    private static async Task<NpgsqlTransaction> EnterAsync(NpgsqlConnection connection, string organization)
    {
        var transaction = await connection.BeginTransactionAsync(TestControlPlane.Cancellation);
        await using var command = new NpgsqlCommand("SELECT set_config('weir.organization_id', $1, true)", connection, transaction) { Parameters = { new() { Value = organization } } };
        await command.ExecuteNonQueryAsync(TestControlPlane.Cancellation);
        return transaction;
    }
}
