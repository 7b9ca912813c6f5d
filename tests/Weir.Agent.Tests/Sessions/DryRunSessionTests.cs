using Npgsql;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Contracts.Agent.V1;
using Weir.Protocol.Postgres;
using Weir.Testing;

namespace Weir.Agent.Tests.Sessions;

/// <summary>A held statement is tried in the client's own session: what holds there holds for it, and nothing of it is left there.</summary>
public sealed class DryRunSessionTests(SampleServer server) : IAsyncLifetime
{
    private readonly BudgetedTable _budgeted = new(server, "session_tried");
    private SessionHost _host = null!;

    private string Table => _budgeted.Name;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await SessionHost.StartAsync(server, Showing());
        await _budgeted.CreateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _budgeted.DropAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Inside_a_transaction_the_clients_own_uncommitted_rows_count_and_what_it_changed_before_does_not(bool isExtended)
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("BEGIN").RoundTripAsync();
        (await client.Query($"INSERT INTO {Table} SELECT i, 7 FROM generate_series(1001, 1003) i").RoundTripAsync()).Texts().ShouldBe(["C:INSERT 0 3", "Z:T"]);
        await client.Query($"SAVEPOINT mine").RoundTripAsync();

        await SendAsync(client, $"DELETE FROM {Table} WHERE n = 7 OR id = 1", isExtended);
        var request = await _host.Link.NextReviewAsync();

        request.Effect.NotRunBecause.ShouldBe("");
        request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{Table}"] = 4, [$"public.{Table}_children"] = 20 }, ignoreOrder: true);
        request.Effect.Samples.ShouldHaveSingleItem().Before.Select(r => r.Values[0].Text).ShouldBe(["1", "1001", "1002", "1003"], ignoreOrder: true);
        (await LocksAsync($"{Table}_children")).ShouldBe("0");
        _host.Decide(request, ReviewStatus.Approved, rows: 24);
        (await client.UntilReadyAsync()).Texts()[^2..].ShouldBe(["C:DELETE 4", "Z:T"]);
        (await client.Query("ROLLBACK TO mine").Query($"SELECT count(*) FROM {Table} WHERE n = 7").Query("COMMIT").RoundTripAsync(3)).Texts().ShouldContain("D:3");
        (await server.AskAsync($"SELECT count(*) FROM {Table}")).ShouldBe("103");
    }

    [Fact]
    public async Task Settings_and_temporary_tables_of_the_session_hold()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("SET TimeZone = 'Asia/Tokyo'").RoundTripAsync();
        await client.Query("CREATE TEMP TABLE noted (id int, at timestamptz)").RoundTripAsync();
        await client.Query("INSERT INTO noted VALUES (1, '2024-01-01 23:30+00'), (2, '2024-01-01 10:00+00')").RoundTripAsync();

        await client.Query($"DELETE FROM {Table} WHERE id IN (SELECT id + 40 FROM noted WHERE at::date = '2024-01-02')").SendAsync();
        var request = await _host.Link.NextReviewAsync();
        request.Effect.NotRunBecause.ShouldBe("");
        request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{Table}"] = 1 });
        request.Effect.Samples.ShouldHaveSingleItem().Before.ShouldHaveSingleItem().Values[0].Text.ShouldBe("41");
        _host.Decide(request, ReviewStatus.Approved, rows: 1);
        (await client.UntilReadyAsync()).Texts()[^2..].ShouldBe(["C:DELETE 1", "Z:I"]);

        await client.Query("DELETE FROM noted WHERE at::date = '2024-01-02'").SendAsync();
        var temporary = await _host.Link.NextReviewAsync();
        temporary.Effect.NotRunBecause.ShouldBe("");
        temporary.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { ["pg_temp.noted"] = 1 });
        _host.Decide(temporary, ReviewStatus.Approved, rows: 1);
        (await client.UntilReadyAsync()).Texts()[^2..].ShouldBe(["C:DELETE 1", "Z:I"]);
    }

    [Fact]
    public async Task A_transaction_that_begins_in_the_same_pipeline_is_a_transaction()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Parse("", "BEGIN").Bind("", "").Execute().Parse("del", $"DELETE FROM {Table} WHERE id > $1").Bind("p", "del", "98").Execute("p").Sync().SendAsync();
        var request = await _host.Link.NextReviewAsync();
        request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{Table}"] = 2 });
        _host.Decide(request, ReviewStatus.Approved, rows: 2);
        (await client.UntilReadyAsync()).Texts()[^2..].ShouldBe(["C:DELETE 2", "Z:T"]);
        (await client.Query("ROLLBACK").RoundTripAsync()).Texts().ShouldBe(["C:ROLLBACK", "Z:I"]);
    }

    [Fact]
    public async Task Portals_and_prepared_statements_of_the_client_are_untouched()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("BEGIN").RoundTripAsync();
        await client.Parse("ids", $"SELECT id FROM {Table} ORDER BY id").Bind("open", "ids").Execute("open", 2).Sync().RoundTripAsync();
        await client.Query($"DELETE FROM {Table} WHERE id = 50").SendAsync();
        _host.Decide(await _host.Link.NextReviewAsync(), ReviewStatus.Approved, rows: 1);
        await client.UntilReadyAsync();
        (await client.Execute("open", 2).Sync().RoundTripAsync()).Texts().ShouldBe(["D:3", "D:4", "s", "Z:T"]);
        (await client.Query("SELECT name FROM pg_prepared_statements UNION ALL SELECT name FROM pg_cursors WHERE name LIKE 'weir%'").RoundTripAsync()).Texts().Where(t => t[0] == 'D').ShouldBe(["D:ids"]);
        await client.Query("COMMIT").RoundTripAsync();
    }

    [Fact]
    public async Task Triggers_count_and_what_they_say_reaches_nobody_before_the_approval()
    {
        await server.ExecuteAsync($"""
            CREATE TABLE {Table}_log (id int); ALTER TABLE {Table}_log OWNER TO orders_app;
            CREATE FUNCTION {Table}_logged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              RAISE NOTICE 'logged'; PERFORM pg_notify('{Table}', 'gone'); INSERT INTO {Table}_log VALUES (OLD.id); RETURN OLD; END $$;
            CREATE TRIGGER logged BEFORE DELETE ON {Table} FOR EACH ROW EXECUTE FUNCTION {Table}_logged();
            """);
        await using var client = await _host.OpenRawAsync();
        await client.Query($"LISTEN {Table}").RoundTripAsync();
        await client.Query($"DELETE FROM {Table} WHERE id IN (7, 8)").SendAsync();
        var request = await _host.Link.NextReviewAsync();
        request.Effect.NotRunBecause.ShouldBe("");
        request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{Table}"] = 2, [$"public.{Table}_log"] = 2 }, ignoreOrder: true);
        (await server.AskAsync($"SELECT count(*) FROM {Table}_log")).ShouldBe("0");
        _host.Decide(request, ReviewStatus.Approved, rows: 4);
        var answer = (await client.UntilReadyAsync()).Texts();
        answer[0].ShouldStartWith("N:weir: held");
        answer.Count(t => t == "N:logged").ShouldBe(2);
        answer.Count(t => t[0] == 'A').ShouldBe(1);
        answer.ShouldContain("C:DELETE 2");
        _host.Events().Count(e => e.BodyCase == SessionEvent.BodyOneofCase.Notice).ShouldBe(2);
        await server.ExecuteAsync($"DROP TABLE {Table}_log; DROP FUNCTION {Table}_logged CASCADE");
    }

    [Theory]
    [InlineData("INSERT INTO {0}_drawn (n) VALUES (1)", "sequence")]
    [InlineData("UPDATE {0}_drawn SET n = nextval('{0}_drawn_m_seq')", "sequence")]
    [InlineData("DELETE FROM {0} WHERE id = 1 AND {0}_built() IS NULL", "it calls the function public.{0}_built")]
    [InlineData("WITH d AS (DELETE FROM {0} RETURNING id) SELECT pg_advisory_lock(id) FROM d", "more than change rows")]
    [InlineData("DELETE FROM {0} WHERE id = 3; DELETE FROM {0} WHERE id = 4", "several statements")]
    public async Task What_is_not_undone_by_a_rollback_is_not_tried(string sql, string reason)
    {
        await server.ExecuteAsync($"""
            CREATE TABLE {Table}_drawn (id int GENERATED ALWAYS AS IDENTITY, m serial, n int); ALTER TABLE {Table}_drawn OWNER TO orders_app; INSERT INTO {Table}_drawn (n) VALUES (0);
            CREATE FUNCTION {Table}_built() RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT 1'; RETURN NULL; END $$; ALTER FUNCTION {Table}_built() OWNER TO orders_app;
            """);
        await using var client = await _host.OpenRawAsync();
        await client.Query(sql.Replace("{0}", Table, StringComparison.Ordinal)).SendAsync();
        var request = await _host.Link.NextReviewAsync();
        request.Effect.NotRunBecause.ShouldContain(reason.Replace("{0}", Table, StringComparison.Ordinal));
        request.Effect.RowsChanged.ShouldBeEmpty();
        (await server.AskAsync($"SELECT last_value FROM {Table}_drawn_id_seq")).ShouldBe("1");
        (await server.AskAsync($"SELECT last_value FROM {Table}_drawn_m_seq")).ShouldBe("1");
        await client.CancelAsync();
        await client.UntilReadyAsync();
        await server.ExecuteAsync($"DROP TABLE {Table}_drawn; DROP FUNCTION {Table}_built");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task What_has_become_more_than_was_shown_is_undone(bool isInside, bool isExtended)
    {
        await using var client = await _host.OpenRawAsync();
        if (isInside)
        {
            await client.Query("BEGIN").RoundTripAsync();
            await client.Query($"INSERT INTO {Table} VALUES (501, 0)").RoundTripAsync();
        }

        await SendAsync(client, $"DELETE FROM {Table} WHERE id BETWEEN 90 AND 2000", isExtended);
        var request = await _host.Link.NextReviewAsync();
        request.Effect.RowsChanged[$"public.{Table}"].ShouldBe(isInside ? 12 : 11);
        await server.ExecuteAsync($"INSERT INTO {Table} VALUES (1001, 0)");
        _host.Decide(request, ReviewStatus.Approved, rows: isInside ? 12 : 11);
        var answer = await client.UntilReadyAsync();
        answer.Texts()[^2..].ShouldBe(["E:54000", isInside ? "Z:E" : "Z:I"]);
        answer.Error().Diagnostic.Message.ShouldContain(isInside ? "13 rows changed; reviewers were shown 12" : "12 rows changed; reviewers were shown 11");
        answer.Error().Diagnostic.ConstraintName.ShouldBe("shown");
        answer.Error().Diagnostic.Hint!.ShouldContain("Send the statement again");
        if (isInside)
            await client.Query("ROLLBACK").RoundTripAsync();
        (await server.AskAsync($"SELECT count(*) FROM {Table}")).ShouldBe("101");
        (await _host.StatementsAsync()).First(s => s.Statement.Decision == "review").Finished.Status.ShouldBe("failed");
    }

    [Fact]
    public async Task What_is_as_much_as_was_shown_passes_after_other_changes_in_between()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("BEGIN").RoundTripAsync();
        for (var i = 0; i < 2; i++)
        {
            await client.Query($"UPDATE {Table} SET n = 1").RoundTripAsync();
            await client.Query($"DELETE FROM {Table} WHERE id = {90 + i}").SendAsync();
            var request = await _host.Link.NextReviewAsync();
            request.Effect.NotRunBecause.ShouldBe("");
            request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{Table}"] = 1 });
            _host.Decide(request, ReviewStatus.Approved, rows: 1);
            (await client.UntilReadyAsync()).Texts()[^2..].ShouldBe(["C:DELETE 1", "Z:T"]);
        }

        await client.Query("COMMIT").RoundTripAsync();
    }

    [Fact]
    public async Task What_was_only_tried_does_not_count_against_a_budget()
    {
        _host.Use(Showing().Budget("few", """{"rowsChanged":8,"per":"transaction"}"""));
        await using var client = await _host.OpenRawAsync();
        await client.Query("BEGIN").RoundTripAsync();
        (await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= 2").RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 2", "Z:T"]);
        await client.Query($"DELETE FROM {Table} WHERE id > 96").SendAsync();
        _host.Decide(await _host.Link.NextReviewAsync(), ReviewStatus.Approved, rows: 4);
        (await client.UntilReadyAsync()).Texts()[^2..].ShouldBe(["C:DELETE 4", "Z:T"]);
        (await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= 2").RoundTripAsync()).Texts().ShouldBe(["C:UPDATE 2", "Z:T"]);
        (await client.Query($"UPDATE {Table} SET n = 1 WHERE id <= 1").RoundTripAsync()).Texts().ShouldBe(["E:54000", "Z:E"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_statement_that_fails_when_it_is_tried_leaves_the_transaction_as_it_was(bool isInside)
    {
        await using var client = await _host.OpenRawAsync();
        if (isInside)
        {
            await client.Query("BEGIN").RoundTripAsync();
            await client.Query($"UPDATE {Table} SET n = 3 WHERE id = 2").RoundTripAsync();
        }

        await using var other = new NpgsqlConnection((await server.ServerAsync()).ConnectionString(SampleServer.Database));
        await other.OpenAsync(Cancel);
        await using var transaction = await other.BeginTransactionAsync(Cancel);
        await new NpgsqlCommand($"UPDATE {Table} SET n = 5 WHERE id = 1", other, transaction).ExecuteNonQueryAsync(Cancel);
        await client.Query($"DELETE FROM {Table} WHERE id = 1").SendAsync();
        var request = await _host.Link.NextReviewAsync();
        request.Effect.NotRunBecause.ShouldBe("it failed with SQLSTATE 55P03");
        request.EstimatedRows.ShouldBe(1);
        await transaction.RollbackAsync(Cancel);
        _host.Decide(request, ReviewStatus.Approved);
        (await client.UntilReadyAsync()).Texts()[^2..].ShouldBe(["C:DELETE 1", isInside ? "Z:T" : "Z:I"]);
        if (isInside)
            (await client.Query("COMMIT").RoundTripAsync()).Texts().ShouldBe(["C:COMMIT", "Z:I"]);
        (await server.AskAsync($"SELECT n FROM {Table} WHERE id = 2")).ShouldBe(isInside ? "3" : "0");
    }

    [Fact]
    public async Task A_failed_transaction_tries_nothing()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("BEGIN").Query("SELECT 1/0").RoundTripAsync(2);
        await client.Query($"DELETE FROM {Table} WHERE id = 1").SendAsync();
        var request = await _host.Link.NextReviewAsync();
        request.Effect.NotRunBecause.ShouldBe("the transaction has failed");
        await client.CancelAsync();
        (await client.UntilReadyAsync()).Texts()[^1].ShouldBe("Z:E");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_cancel_while_it_is_tried_ends_the_statement_and_asks_nobody(bool isInside, bool isExtended)
    {
        await using var client = await _host.OpenRawAsync();
        if (isInside)
            await client.Query("BEGIN").RoundTripAsync();
        await SendAsync(client, $"DELETE FROM {Table} WHERE id = 1 AND pg_sleep(4) IS NOT NULL", isExtended);
        await SleepsAsync();
        await client.CancelAsync();
        (await client.UntilReadyAsync()).Texts()[^2..].ShouldBe(["E:57014", isInside ? "Z:E" : "Z:I"]);
        (await client.Query(isInside ? "ROLLBACK" : "SELECT 1").RoundTripAsync()).Texts()[^1].ShouldBe("Z:I");
        (await _host.StatementsAsync()).First(s => s.Statement.Decision == "review").Finished.Status.ShouldBe("cancelled");
        _host.Events().ShouldNotContain(e => e.BodyCase == SessionEvent.BodyOneofCase.Review);
        (await server.AskAsync($"SELECT count(*) FROM {Table}")).ShouldBe("100");
    }

    [Fact]
    public async Task A_client_that_goes_away_while_it_is_tried_leaves_nothing_behind()
    {
        var client = await _host.OpenRawAsync();
        await client.Query($"DELETE FROM {Table} WHERE id = 1 AND pg_sleep(4) IS NOT NULL").SendAsync();
        await SleepsAsync();
        await client.DisposeAsync();
        await _host.NoSessionsAsync();
        (await server.AskAsync($"SELECT count(*) FROM {Table}")).ShouldBe("100");
    }

    [Fact]
    public async Task Prepared_statements_with_binary_parameters_are_tried_inside_a_transaction()
    {
        await using var connection = await _host.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        await using var command = new NpgsqlCommand($"DELETE FROM {Table} WHERE id = ANY($1)", connection, transaction) { Parameters = { new() { Value = new[] { 3, 5, 7, 1000 } } } };
        await command.PrepareAsync(Cancel);
        var running = command.ExecuteNonQueryAsync(Cancel);
        var request = await _host.Link.NextReviewAsync();
        request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{Table}"] = 3 });
        _host.Decide(request, ReviewStatus.Approved, rows: 3);
        (await running).ShouldBe(3);
        await transaction.CommitAsync(Cancel);
    }

    [Fact]
    public async Task Statements_prepared_by_SQL_are_tried_too()
    {
        await using var client = await _host.OpenRawAsync();
        _host.Use(TestPolicy.Open("admin"));
        await client.Query($"PREPARE gone(int) AS DELETE FROM {Table} WHERE id > $1").RoundTripAsync();
        _host.Use(Showing());
        await client.Query("EXECUTE gone(97)").SendAsync();
        var request = await _host.Link.NextReviewAsync();
        request.Effect.NotRunBecause.ShouldBe("");
        request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{Table}"] = 3 });
        _host.Decide(request, ReviewStatus.Approved, rows: 3);
        (await client.UntilReadyAsync()).Texts()[^2..].ShouldBe(["C:DELETE 3", "Z:I"]);
    }

    [Fact]
    public async Task Another_encoding_than_UTF_8_is_no_hindrance()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("SET client_encoding = 'LATIN1'").RoundTripAsync();
        await client.Query($"DELETE FROM {Table} WHERE id = 60 AND 'é' = 'é'").SendAsync();
        var request = await _host.Link.NextReviewAsync();
        request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{Table}"] = 1 });
        request.Effect.Samples.ShouldBeEmpty();
        await client.CancelAsync();
        await client.UntilReadyAsync();
    }

    private static TestPolicy Showing() => TestPolicy.Open("admin").Add(
        "Guardrail",
        "shown",
        """{"when":{"effects":["delete"]},"action":"review","review":{"reviewers":["dba"],"approvals":1,"expiresAfter":"15m","showEffect":true},"message":"Look."}""").Add(
        "Guardrail",
        "drawn",
        """{"when":{"relations":["*.*_drawn"],"effects":["insert","update"]},"action":"review","review":{"reviewers":["dba"],"approvals":1,"expiresAfter":"15m","showEffect":true},"message":"Look."}""");

    private static Task SendAsync(RawClient client, string sql, bool isExtended) =>
        (isExtended ? client.Parse("", sql).Bind("", "").Execute().Sync() : client.Query(sql)).SendAsync();

    private Task<string?> LocksAsync(string table) =>
        server.AskAsync($"SELECT count(*) FROM pg_locks WHERE relation = '{table}'::regclass AND pid <> pg_backend_pid()");

    private Task SleepsAsync() => Eventually.HoldsAsync(
        async () => await server.AskAsync($"SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'weir:{_host.Principal}/%' AND wait_event = 'PgSleep'") == "1",
        TimeSpan.FromSeconds(20),
        "the statement is being tried",
        Cancel);
}
