using Npgsql;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Contracts.Agent.V1;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Tests.Sessions;

public sealed class BudgetTests(SampleServer server) : IAsyncLifetime
{
    private readonly BudgetedTable _budgeted = new(server, "budget");
    private SessionHost _host = null!;

    private string Table => _budgeted.Name;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await SessionHost.StartAsync(server, PerTransaction(10));
        await _budgeted.CreateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _budgeted.DropAsync();
    }

    [Fact]
    public async Task A_statement_over_the_budget_is_rolled_back_and_the_error_names_limit_and_count()
    {
        await using var client = await _host.OpenRawAsync();
        var messages = await client.Query($"UPDATE {Table} SET n = 1").RoundTripAsync();
        messages.Texts().ShouldBe(["E:54000", "Z:I"]);
        ShouldName(messages.Error().Diagnostic, "100", "10");
        (await ChangedAsync()).ShouldBe("0");
        (await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= 10").RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 10", "Z:I"]);
        (await ChangedAsync()).ShouldBe("10");
        var statements = await _host.StatementsAsync();
        statements[0].Finished.Status.ShouldBe("failed");
        statements[0].Finished.SqlState.ShouldBe("54000");
        statements[1].Finished.Rows.ShouldBe(10);
    }

    [Fact]
    public async Task A_transaction_over_the_budget_is_aborted_whole()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("BEGIN").RoundTripAsync();
        (await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= 6").RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 6", "Z:T"]);
        var messages = await client.Query($"UPDATE {Table} SET n = 1 WHERE id BETWEEN 20 AND 25").RoundTripAsync();
        messages.Texts().ShouldBe(["E:54000", "Z:E"]);
        ShouldName(messages.Error().Diagnostic, "12", "10");
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["E:25P02", "Z:E"]);
        (await client.Query("COMMIT").RoundTripAsync()).Texts().ShouldBe(["C:ROLLBACK", "Z:I"]);
        (await ChangedAsync()).ShouldBe("0");
        (await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= 6").RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 6", "Z:I"]);
        (await client.Query($"UPDATE {Table} SET n = 2 WHERE id <= 6").RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 6", "Z:I"]);
    }

    [Fact]
    public async Task A_text_of_several_statements_is_one_transaction()
    {
        await using var client = await _host.OpenRawAsync();
        var messages = await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= 6; SELECT 1; UPDATE {Table} SET n = 1 WHERE id BETWEEN 20 AND 25; SELECT 2").RoundTripAsync();
        messages.Texts().ShouldBe(["C:UPDATE 6", "T", "D:1", "C:SELECT 1", "E:54000", "Z:I"]);
        (await ChangedAsync()).ShouldBe("0");
        (await _host.StatementsAsync()).Select(s => s.Finished.Status).ShouldBe(["ok", "ok", "failed", "cancelled"]);
    }

    [Fact]
    public async Task A_budget_per_statement_counts_each_alone()
    {
        _host.Use(TestPolicy.Open("admin").Budget("blast-radius", """{"rowsChanged":10,"per":"statement"}"""));
        await using var client = await _host.OpenRawAsync();
        await client.Query("BEGIN").RoundTripAsync();
        for (var i = 0; i < 3; i++)
            (await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= 10").RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 10", "Z:T"]);
        (await client.Query($"DELETE FROM {Table} WHERE id BETWEEN 2 AND 12").RoundTripAsync()).Texts().ShouldBe(["E:54000", "Z:E"]);
        (await client.Query("ROLLBACK").RoundTripAsync()).Texts().ShouldBe(["C:ROLLBACK", "Z:I"]);
    }

    [Theory]
    [InlineData("DELETE FROM {0} WHERE id = 1")]
    [InlineData("WITH d AS (UPDATE {0} SET n = 1 RETURNING id) SELECT count(*) FROM d")]
    [InlineData("DO $$ BEGIN UPDATE {0} SET n = 1; END $$")]
    [InlineData("INSERT INTO {0} SELECT i, 1 FROM generate_series(1000, 1020) i")]
    [InlineData("EXPLAIN ANALYZE UPDATE {0} SET n = 1")]
    [InlineData("MERGE INTO {0} t USING generate_series(1, 50) i ON t.id = i WHEN MATCHED THEN UPDATE SET n = 1")]
    [InlineData("PREPARE p AS UPDATE {0} SET n = 1; EXECUTE p")]
    [InlineData("TRUNCATE {0} CASCADE")]
    [InlineData("DELETE FROM {0} WHERE n = 0")]
    public async Task Whatever_changes_the_rows_counts(string sql)
    {
        await using var client = await _host.OpenRawAsync();
        (await client.Query(string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, Table)).RoundTripAsync()).Texts()[^2..].ShouldBe(["E:54000", "Z:I"]);
        (await server.AskAsync($"SELECT count(*) || ' ' || sum(n) || ' ' || (SELECT count(*) FROM {Table}_children) FROM {Table}")).ShouldBe("100 0 20");
    }

    [Fact]
    public async Task The_extended_protocol_is_rolled_back_too()
    {
        await using var client = await _host.OpenRawAsync();
        client.Parse("", $"UPDATE {Table} SET n = 1 WHERE id > $1").Bind("", "", "0").Execute().Parse("", "SELECT 1").Bind("", "").Execute().Sync();
        (await client.RoundTripAsync()).Texts().ShouldBe(["1", "2", "E:54000", "Z:I"]);
        (await ChangedAsync()).ShouldBe("0");
        client.Parse("", $"UPDATE {Table} SET n = 1 WHERE id > $1").Bind("", "", "95").Execute().Parse("", "SELECT 1").Bind("", "").Execute().Sync();
        (await client.RoundTripAsync()).Texts().ShouldBe(["1", "2", "C:UPDATE 5", "1", "2", "D:1", "C:SELECT 1", "Z:I"]);
        (await ChangedAsync()).ShouldBe("5");
    }

    [Fact]
    public async Task What_a_function_empties_and_nobody_counts_is_undone()
    {
        await server.ExecuteAsync($"CREATE FUNCTION {Table}_empty() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'TRUNC' || 'ATE {Table} CASCADE'; END $$; ALTER FUNCTION {Table}_empty() OWNER TO orders_app");
        await using var client = await _host.OpenRawAsync();
        (await client.Query($"SELECT {Table}_empty()").RoundTripAsync()).Texts()[^2..].ShouldBe(["E:54000", "Z:I"]);
        (await client.Query($"DO $$ BEGIN EXECUTE 'TRUNC' || 'ATE {Table} CASCADE'; END $$").RoundTripAsync()).Texts()[^2..].ShouldBe(["E:54000", "Z:I"]);
        (await client.Query($"DO $$ BEGIN BEGIN EXECUTE 'TRUNC' || 'ATE {Table} CASCADE'; EXCEPTION WHEN division_by_zero THEN NULL; END; END $$").RoundTripAsync()).Texts()[^2..].ShouldBe(["E:54000", "Z:I"]);
        (await server.AskAsync($"SELECT count(*) FROM {Table}")).ShouldBe("100");
        await server.ExecuteAsync($"DROP FUNCTION {Table}_empty()");
    }

    [Theory]
    [InlineData("SET track_counts = off")]
    [InlineData("SELECT set_config('track_counts', 'off', false)")]
    public async Task Counting_is_not_switched_off(string sql)
    {
        await using var client = await _host.OpenRawAsync();
        (await client.Query(sql).RoundTripAsync()).Texts()[^2..].ShouldBe(["E:54000", "Z:I"]);
    }

    [Fact]
    public async Task Where_the_database_does_not_count_nothing_is_changed()
    {
        // Of its own: the setting would reach other tests' sessions.
        var role = $"{Table}_uncounted";
        var password = await (await server.ServerAsync()).CreateRoleAsync(role, TestContext.Current.CancellationToken);
        await server.ExecuteAsync($"GRANT orders_app TO {role}; ALTER ROLE {role} SET track_counts = off");
        await using (var host = await SessionHost.StartAsync(server, TestPolicy.Open("admin").Budget("blast-radius", """{"rowsChanged":10,"per":"transaction"}"""), upstreamUser: role, upstreamPassword: password))
        {
            await using var client = await host.OpenRawAsync();
            (await client.Query($"UPDATE {Table} SET n = 1 WHERE id = 1").RoundTripAsync()).Texts().ShouldBe(["E:54000", "Z:I"]);
            (await ChangedAsync()).ShouldBe("0");
        }

        await server.ExecuteAsync($"DROP ROLE {role}");
    }

    [Fact]
    public async Task What_a_trigger_would_change_after_the_count_is_refused_and_what_one_only_checks_is_not()
    {
        await server.ExecuteAsync($"""
            CREATE TABLE {Table}_late (id int); ALTER TABLE {Table}_late OWNER TO orders_app; CREATE TABLE {Table}_checked (id int); ALTER TABLE {Table}_checked OWNER TO orders_app;
            CREATE FUNCTION {Table}_writes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE {Table} SET n = 1; RETURN NULL; END $$;
            CREATE FUNCTION {Table}_checks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT count(*) FROM {Table}) > 1000 THEN RAISE EXCEPTION 'too many'; END IF; RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER late AFTER INSERT ON {Table}_late DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {Table}_writes();
            CREATE CONSTRAINT TRIGGER late AFTER INSERT ON {Table}_checked DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {Table}_checks();
            """);
        await using var client = await _host.OpenRawAsync();
        (await client.Query($"INSERT INTO {Table}_late VALUES (1)").RoundTripAsync()).Texts().ShouldBe(["E:54000", "Z:I"]);
        (await client.Parse("", $"INSERT INTO {Table}_late VALUES (1)").Bind("", "").Execute().Sync().RoundTripAsync()).Texts().ShouldBe(["E:54000", "Z:I"]);
        (await client.Query($"INSERT INTO {Table}_checked VALUES (1)").RoundTripAsync()).Texts().ShouldBe(["C:INSERT 0 1", "Z:I"]);
        (await ChangedAsync()).ShouldBe("0");
        await server.ExecuteAsync($"DROP TABLE {Table}_late, {Table}_checked; DROP FUNCTION {Table}_writes; DROP FUNCTION {Table}_checks");
    }

    [Fact]
    public async Task Drivers_see_an_error_and_go_on()
    {
        await using var connection = await _host.OpenAsync();
        await using (var transaction = await connection.BeginTransactionAsync(Cancel))
        {
            await using var update = new NpgsqlCommand($"UPDATE {Table} SET n = 1", connection, transaction);
            var error = await Should.ThrowAsync<PostgresException>(() => update.ExecuteNonQueryAsync(Cancel));
            error.SqlState.ShouldBe("54000");
            error.ConstraintName.ShouldBe("blast-radius");
            await transaction.RollbackAsync(Cancel);
        }

        await using var batch = new NpgsqlBatch(connection);
        for (var i = 1; i <= 12; i++)
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"UPDATE {Table} SET n = 1 WHERE id = $1") { Parameters = { new() { Value = i } } });
        (await Should.ThrowAsync<PostgresException>(() => batch.ExecuteNonQueryAsync(Cancel))).SqlState.ShouldBe("54000");
        (await ChangedAsync()).ShouldBe("0");

        await using (var import = await connection.BeginBinaryImportAsync($"COPY {Table} FROM STDIN (FORMAT binary)", Cancel))
        {
            for (var i = 0; i < 5; i++)
                await import.WriteRowAsync(Cancel, 1000 + i, 0);
            (await import.CompleteAsync(Cancel)).ShouldBe(5ul);
        }

        await using (var import = await connection.BeginBinaryImportAsync($"COPY {Table} FROM STDIN (FORMAT binary)", Cancel))
        {
            for (var i = 0; i < 50; i++)
                await import.WriteRowAsync(Cancel, 2000 + i, 0);
            (await Should.ThrowAsync<PostgresException>(async () => await import.CompleteAsync(Cancel))).SqlState.ShouldBe("54000");
        }

        (await server.AskAsync($"SELECT count(*) FROM {Table}")).ShouldBe("105");
        await using var select = new NpgsqlCommand("SELECT 1", connection);
        (await select.ExecuteScalarAsync(Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task An_approval_waives_the_budget_up_to_what_the_approver_saw()
    {
        _host.Use(PerTransaction(10).ReviewUnboundedWrites());
        await using var client = await _host.OpenRawAsync();
        foreach (var (seen, expected) in new[] { (50L, "E:54000"), (100L, "C:UPDATE 100") })
        {
            await client.Query($"UPDATE {Table} SET n = 1").SendAsync();
            _host.Decide(await _host.Link.NextReviewAsync(), ReviewStatus.Approved, rows: seen);
            (await client.UntilReadyAsync()).Texts()[1..].ShouldBe([expected, "Z:I"]);
        }

        (await ChangedAsync()).ShouldBe("100");
    }

    [Fact]
    public async Task A_session_budget_forgets_what_was_rolled_back()
    {
        _host.Use(TestPolicy.Open("admin").Budget("blast-radius", """{"rowsChanged":10,"per":"session"}"""));
        await using var client = await _host.OpenRawAsync();
        await client.Query("BEGIN").RoundTripAsync();
        await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= 8").RoundTripAsync();
        await client.Query("ROLLBACK").RoundTripAsync();
        (await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= 8").RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 8", "Z:I"]);
        (await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= 8").RoundTripAsync()).Texts().ShouldBe(["E:54000", "Z:I"]);
    }

    private static TestPolicy PerTransaction(int rows) =>
        TestPolicy.Open("admin").Budget("blast-radius", $$"""{"rowsChanged":{{rows}},"per":"transaction","onExceed":"rollback"}""");

    private static void ShouldName(Diagnostic error, string count, string limit)
    {
        error.ConstraintName.ShouldBe("blast-radius");
        error.Message.ShouldContain($"{count} rows");
        error.Message.ShouldContain(limit);
    }

    private Task<string?> ChangedAsync() => server.AskAsync($"SELECT sum(n) FROM {Table}");
}
