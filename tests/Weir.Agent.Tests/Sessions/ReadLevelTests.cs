using Weir.Agent.Sessions;
using Weir.Agent.Tests.Sessions.Support;

namespace Weir.Agent.Tests.Sessions;

/// <summary>
/// Access level <c>read</c>: the analysis, and behind it a second net for what the analysis may miss: a database role that can't write, or transactions that stay read-only.
/// The second is tried with functions that write although the catalog, as the agent has read it, says that they don't.
/// </summary>
public sealed class ReadLevelTests(SampleServer server)
{
    private static int _objects;

    private readonly string _name = $"net_{Interlocked.Increment(ref _objects)}";

    [Theory]
    [InlineData("BEGIN READ WRITE")]
    [InlineData("START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE")]
    [InlineData("BEGIN; SET TRANSACTION READ WRITE")]
    [InlineData("SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE")]
    [InlineData("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")]
    [InlineData("SET transaction_read_only = off")]
    [InlineData("SET LOCAL TRANSACTION_READ_ONLY TO 'off'")]
    [InlineData("SET \"transaction_read_only\" = 0")]
    [InlineData("SET default_transaction_read_only = off")]
    [InlineData("SET SESSION default_transaction_read_only TO f")]
    [InlineData("SET default_transaction_read_only TO DEFAULT")]
    [InlineData("RESET transaction_read_only")]
    [InlineData("RESET default_transaction_read_only")]
    [InlineData("SELECT set_config('transaction_read_only', 'off', false)")]
    [InlineData("SELECT pg_catalog.set_config('default_' || 'transaction_read_only', 'off', false)")]
    [InlineData("SELECT set_config(name, 'off', false) FROM pg_settings WHERE name LIKE '%read_only'")]
    [InlineData("WITH s AS (SELECT set_config('default_transaction_read_only', 'off', false)) SELECT * FROM s")]
    [InlineData("UPDATE pg_settings SET setting = 'off' WHERE name = 'default_transaction_read_only'")]
    [InlineData("PREPARE p AS SELECT set_config('transaction_read_only', 'off', false)")]
    [InlineData("DO $$ BEGIN SET default_transaction_read_only = off; END $$")]
    [InlineData("DO $$ BEGIN COMMIT; SET TRANSACTION READ WRITE; DELETE FROM orders; END $$")]
    [InlineData("ALTER ROLE orders_app SET default_transaction_read_only = off")]
    [InlineData("ALTER DATABASE orders SET default_transaction_read_only = off")]
    [InlineData("EXPLAIN ANALYZE SELECT set_config('transaction_read_only', 'off', false)")]
    public async Task No_way_out_of_a_read_only_transaction_is_open(string sql)
    {
        await using var host = await SessionHost.StartAsync(server, TestPolicy.Open("read"));
        await using var client = await host.OpenRawAsync();
        foreach (var isExtended in (bool[])[false, true])
        {
            if (isExtended && sql.Contains(';', StringComparison.Ordinal))
                continue;
            var answer = isExtended ? await client.Parse("", sql).Bind("", "").Execute().Sync().RoundTripAsync() : await client.Query(sql).RoundTripAsync();
            answer.Error().Diagnostic.Message.ShouldStartWith("weir: ");
            await ShouldBeReadOnlyAsync(client);
        }
    }

    [Theory]
    [InlineData("RESET ALL")]
    [InlineData("DISCARD ALL")]
    [InlineData("BEGIN; COMMIT AND CHAIN; COMMIT")]
    [InlineData("BEGIN; SAVEPOINT a; ROLLBACK TO a; COMMIT")]
    [InlineData("SET ROLE orders_app")]
    [InlineData("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE")]
    [InlineData("BEGIN READ ONLY; COMMIT")]
    public async Task What_a_session_may_do_leaves_it_read_only(string sql)
    {
        await using var host = await SessionHost.StartAsync(server, TestPolicy.Open("read"));
        await using var client = await host.OpenRawAsync();
        await client.Query(sql).RoundTripAsync();
        await ShouldBeReadOnlyAsync(client);
    }

    [Theory]
    [InlineData("options", "-c default_transaction_read_only=off")]
    [InlineData("options", "--Default-Transaction-Read-Only=off -c transaction_read_only=off")]
    [InlineData("default_transaction_read_only", "off")]
    [InlineData("DEFAULT_TRANSACTION_READ_ONLY", "off")]
    public async Task The_start_of_a_session_is_no_way_out_either(string name, string value)
    {
        await using var host = await SessionHost.StartAsync(server, TestPolicy.Open("read"));
        await using var client = await RawClient.ConnectAsync("127.0.0.1", host.Port);
        if (await client.TryLogInAsync(SessionHost.Credential, SessionHost.Secret, "orders", new KeyValuePair<string, string>(name, value)) is null)
            await ShouldBeReadOnlyAsync(client);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_analysis_misses_fails_in_the_read_only_transaction(bool isExtended)
    {
        await using var host = await StartWithOldCatalogAsync(null);
        await using var client = await host.OpenRawAsync();
        (await RunAsync(client, isExtended)).Texts().ShouldContain("D:1");
        await MakeItWriteAsync();
        (await RunAsync(client, isExtended)).Error().Diagnostic.SqlState.ShouldBe("25006");
        await CleanAsync("0");
    }

    [Fact]
    public async Task What_the_analysis_misses_fails_for_want_of_privileges_where_there_is_a_role_for_readers()
    {
        var role = $"reader_{_name}";
        var password = await (await server.ServerAsync()).CreateRoleAsync(role, TestContext.Current.CancellationToken);
        await server.ExecuteAsync($"GRANT pg_read_all_data TO {role}");
        await using (var host = await StartWithOldCatalogAsync((role, password)))
            await TryAsRoleAsync(host, role, password);
        await server.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    [Fact]
    public async Task The_analysis_alone_refuses_writes_where_the_database_would_allow_them()
    {
        await using var host = await SessionHost.StartAsync(server, TestPolicy.Open("read"));
        await using var client = await host.OpenRawAsync();
        // A temporary table may be written in a read-only transaction: only the analysis stands in the way.
        foreach (var sql in (string[])["CREATE TEMP TABLE scratch (id int)", "SELECT 1 AS a INTO TEMP scratch", "NOTIFY x", "SELECT pg_notify('x', 'y')", "SELECT pg_advisory_lock(1)", "COPY orders TO '/tmp/x'", "COPY orders TO PROGRAM 'cat'"])
            (await client.Query(sql).RoundTripAsync()).Error().Diagnostic.Message.ShouldStartWith("weir: denied by access level \"read\"");
    }

    private async Task TryAsRoleAsync(SessionHost host, string role, string password)
    {
        await using var client = await host.OpenRawAsync();
        (await client.Query("SELECT current_user").RoundTripAsync()).Texts().ShouldContain($"D:{role}");
        (await RunAsync(client, isExtended: false)).Texts().ShouldContain("D:1");
        await MakeItWriteAsync();
        // Even a function that leaves the read-only transaction would find no privileges: tried without it.
        await server.ExecuteAsync($"ALTER ROLE {role} SET default_transaction_read_only = off");
        (await RunAsync(client, isExtended: false)).Error().Diagnostic.SqlState.ShouldBeOneOf("25006", "42501");
        await using var behind = new Npgsql.NpgsqlConnection(new Npgsql.NpgsqlConnectionStringBuilder((await server.ServerAsync()).ConnectionString("orders")) { Username = role, Password = password, Pooling = false }.ConnectionString);
        await behind.OpenAsync(TestContext.Current.CancellationToken);
        await using var write = new Npgsql.NpgsqlCommand($"SELECT {_name}_f()", behind);
        (await Should.ThrowAsync<Npgsql.PostgresException>(() => write.ExecuteScalarAsync(TestContext.Current.CancellationToken))).SqlState.ShouldBe("42501");
        await CleanAsync("0");
    }

    private static async Task ShouldBeReadOnlyAsync(RawClient client)
    {
        if ((await client.Query("SELECT 1").RoundTripAsync()).Texts()[^1] != "Z:I")
            await client.Query("ROLLBACK").RoundTripAsync();
        (await client.Query("SHOW transaction_read_only").RoundTripAsync()).Texts().ShouldContain("D:on");
        (await client.Query("SHOW default_transaction_read_only").RoundTripAsync()).Texts().ShouldContain("D:on");
    }

    private async Task<SessionHost> StartWithOldCatalogAsync((string User, string Password)? readOnly)
    {
        await server.ExecuteAsync($"""
            CREATE TABLE {_name} (id int); ALTER TABLE {_name} OWNER TO orders_app;
            CREATE FUNCTION {_name}_f() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1'; ALTER FUNCTION {_name}_f() OWNER TO orders_app;
            """);
        return await SessionHost.StartAsync(server, TestPolicy.Open("read"), new SessionOptions { CatalogProbeInterval = TimeSpan.FromHours(1) }, readOnly: readOnly);
    }

    private Task MakeItWriteAsync() =>
        server.ExecuteAsync($"CREATE OR REPLACE FUNCTION {_name}_f() RETURNS int LANGUAGE sql VOLATILE AS 'INSERT INTO {_name} VALUES (1) RETURNING 1'");

    private Task<List<RawMessage>> RunAsync(RawClient client, bool isExtended) =>
        isExtended ? client.Parse("", $"SELECT {_name}_f()").Bind("", "").Execute().Sync().RoundTripAsync() : client.Query($"SELECT {_name}_f()").RoundTripAsync();

    private async Task CleanAsync(string rows)
    {
        (await server.AskAsync($"SELECT count(*) FROM {_name}")).ShouldBe(rows);
        await server.ExecuteAsync($"DROP FUNCTION {_name}_f(); DROP TABLE {_name}");
    }
}
