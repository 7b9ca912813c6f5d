using Npgsql;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Tests.Sessions;

/// <summary>What reviewers are shown of a held statement: its real effect, tried and rolled back, or the planner's estimate.</summary>
public sealed class DryRunTests(SampleServer server) : IAsyncLifetime
{
    private static int _tables;

    private readonly string _table = $"tried_{Interlocked.Increment(ref _tables)}";
    private SessionHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await SessionHost.StartAsync(server, Showing("delete"));
        await server.ExecuteAsync($"""
            CREATE TABLE {_table} (id int PRIMARY KEY, n int, note text, ssn text);
            INSERT INTO {_table} SELECT i, 0, 'note ' || i, '123-45-' || (6000 + i) FROM generate_series(1, 100) i; ALTER TABLE {_table} OWNER TO orders_app;
            CREATE TABLE {_table}_children (parent int REFERENCES {_table} ON DELETE CASCADE); INSERT INTO {_table}_children SELECT 1 FROM generate_series(1, 20); ALTER TABLE {_table}_children OWNER TO orders_app;
            ANALYZE {_table};
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await server.ExecuteAsync($"DROP TABLE {_table} CASCADE; DROP TABLE {_table}_children");
    }

    [Fact]
    public async Task Reviewers_see_what_would_change_and_nothing_is_changed()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query($"DELETE FROM {_table} WHERE id = 1").SendAsync();
        var request = await _host.Link.NextReviewAsync();
        request.Effect.NotRunBecause.ShouldBe("");
        request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{_table}"] = 1, [$"public.{_table}_children"] = 20 }, ignoreOrder: true);
        (await server.AskAsync($"SELECT count(*) FROM {_table}")).ShouldBe("100");
        _host.Decide(request, ReviewStatus.Approved, rows: 21);
        (await client.UntilReadyAsync()).Texts()[1..].ShouldBe(["C:DELETE 1", "Z:I"]);
        (await server.AskAsync($"SELECT count(*) FROM {_table}_children")).ShouldBe("0");
    }

    [Fact]
    public async Task A_statement_with_parameters_is_tried_with_their_values()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Parse("", $"DELETE FROM {_table} WHERE id > $1 AND note LIKE $2").Bind("", "", "90", "note 9%").Execute().Sync().SendAsync();
        var request = await _host.Link.NextReviewAsync();
        request.Effect.NotRunBecause.ShouldBe("");
        request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{_table}"] = 9 });
        _host.Decide(request, ReviewStatus.Approved, rows: 9);
        (await client.UntilReadyAsync()).Texts()[^2..].ShouldBe(["C:DELETE 9", "Z:I"]);
    }

    [Fact]
    public async Task Parameters_in_the_binary_format_too()
    {
        await using var connection = await _host.OpenAsync();
        await using var command = new NpgsqlCommand($"DELETE FROM {_table} WHERE id = ANY($1) AND n < $2 AND $3::uuid IS NULL", connection)
        {
            Parameters = { new() { Value = new[] { 3, 5, 7, 1000 } }, new() { Value = 1.5m }, new() { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid } },
        };
        var running = command.ExecuteNonQueryAsync(Cancel);
        var request = await _host.Link.NextReviewAsync();
        request.Effect.NotRunBecause.ShouldBe("");
        request.Effect.RowsChanged.ShouldBe(new Dictionary<string, long> { [$"public.{_table}"] = 3 });
        _host.Decide(request, ReviewStatus.Approved, rows: 3);
        (await running).ShouldBe(3);
    }

    [Fact]
    public async Task Some_rows_are_shown_masked_as_they_were_and_as_they_would_become()
    {
        _host.Use(Showing("update").Add("MaskingRule", "ssn", """{"columns":["*.*.ssn"],"mask":"redact","use":"allow","exceptGroups":["engineers"]}"""));
        await using var client = await _host.OpenRawAsync();
        await client.Parse("", $"UPDATE {_table} SET n = $1 WHERE id <= 8").Bind("", "", "7").Execute().Sync().SendAsync();
        var sample = (await _host.Link.NextReviewAsync()).Effect.Samples.ShouldHaveSingleItem();
        sample.Relation.ShouldBe($"public.{_table}");
        sample.Columns.ShouldBe(["id", "n", "note", "ssn"]);
        sample.Before.Count.ShouldBe(5);
        sample.After.Count.ShouldBe(5);
        sample.Before.ShouldAllBe(r => r.Values[1].Text == "0" && r.Values[2].Text == "note " + r.Values[0].Text && !r.Values[3].Text.Contains("123-45"));
        sample.After.ShouldAllBe(r => r.Values[1].Text == "7" && !r.Values[3].Text.Contains("123-45"));
        await client.CancelAsync();
        await client.UntilReadyAsync();
    }

    [Fact]
    public async Task Deleted_rows_have_no_after_and_inserted_ones_no_before()
    {
        _host.Use(Showing("insert").Add("Guardrail", "deletes", """{"when":{"effects":["delete"]},"action":"review","review":{"reviewers":["dba"],"approvals":1,"expiresAfter":"15m","showEffect":true},"message":"Look."}"""));
        await using var client = await _host.OpenRawAsync();
        await client.Query($"DELETE FROM {_table} WHERE id IN (2, 3)").SendAsync();
        var deleted = (await _host.Link.NextReviewAsync()).Effect.Samples.ShouldHaveSingleItem();
        (deleted.Before.Count, deleted.After.Count).ShouldBe((2, 0));
        await client.CancelAsync();
        await client.UntilReadyAsync();
        await client.Query($"INSERT INTO {_table} VALUES (1001, NULL, 'new', NULL)").SendAsync();
        var effect = (await _host.Link.NextReviewAsync()).Effect;
        effect.NotRunBecause.ShouldBe("");
        var inserted = effect.Samples.ShouldHaveSingleItem();
        (inserted.Before.Count, inserted.After.Count).ShouldBe((0, 1));
        inserted.After[0].Values.Select(v => v.HasText).ShouldBe([true, false, true, false]);
        await client.CancelAsync();
        await client.UntilReadyAsync();
    }

    [Fact]
    public async Task What_can_not_be_tried_says_why_and_shows_the_planners_estimate()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Parse("", $"INSERT INTO {_table} VALUES (2000)").Bind("", "").Execute().Parse("", $"DELETE FROM {_table} WHERE id <= $1").Bind("", "", "50").Execute().Sync().SendAsync();
        var request = await _host.Link.NextReviewAsync();
        request.Effect.NotRunBecause.ShouldContain("not committed yet");
        request.EstimatedRows.ShouldBeInRange(40, 60);
        await client.CancelAsync();
        (await client.UntilReadyAsync()).Texts()[^1].ShouldBe("Z:I");
        (await server.AskAsync($"SELECT count(*) FROM {_table}")).ShouldBe("100");
    }

    [Fact]
    public async Task Without_a_dry_run_the_estimate_is_shown()
    {
        _host.Use(TestPolicy.Open("admin").ReviewUnboundedWrites());
        await using var client = await _host.OpenRawAsync();
        await client.Query($"DELETE FROM {_table}").SendAsync();
        var request = await _host.Link.NextReviewAsync();
        request.Effect.ShouldBeNull();
        request.EstimatedRows.ShouldBe(100);
        await client.CancelAsync();
        await client.UntilReadyAsync();
    }

    [Fact]
    public async Task A_rule_on_the_estimate_asks_with_the_parameters_values()
    {
        _host.Use(TestPolicy.Open("admin").Add("Guardrail", "large", """{"when":{"effects":["delete"],"estimatedRowsOver":50},"action":"deny","message":"Too many."}"""));
        await using var client = await _host.OpenRawAsync();
        async Task<string[]> RunAsync(string below) =>
            (await client.Parse("", $"DELETE FROM {_table} WHERE id <= $1 AND n = 1").Bind("", "", below).Execute().Sync().RoundTripAsync()).Texts();
        await server.ExecuteAsync($"UPDATE {_table} SET n = 1; ANALYZE {_table}");
        (await RunAsync("90")).ShouldBe(["1", "E:42501", "Z:I"]);
        (await RunAsync("10")).ShouldBe(["1", "2", "C:DELETE 10", "Z:I"]);
        (await RunAsync("90")).ShouldBe(["1", "E:42501", "Z:I"]);
    }

    [Fact]
    public async Task Nobodys_code_runs_while_the_planner_is_asked()
    {
        // It says that it does nothing, so the planner would run it to see what it gives; the lock would outlive the transaction.
        await server.ExecuteAsync($"""
            CREATE FUNCTION {_table}_liar() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_advisory_lock(4711); RETURN 1; END $$; ALTER FUNCTION {_table}_liar() OWNER TO orders_app;
            CREATE FUNCTION {_table}_op(int, int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_advisory_lock(4711); RETURN true; END $$;
            CREATE OPERATOR <#> (LEFTARG = int, RIGHTARG = int, FUNCTION = {_table}_op);
            """);
        _host.Use(TestPolicy.Open("admin").Add("Guardrail", "large", """{"when":{"effects":["read","delete"],"estimatedRowsOver":50},"action":"deny","message":"Too many."}""").Budget("none", """{"rowsChanged":0}"""));
        await using var client = await _host.OpenRawAsync();
        foreach (var sql in (string[])[$"SELECT * FROM {_table} WHERE id = {_table}_liar()", $"DELETE FROM {_table} WHERE id = 1 AND 1 <#> 2", $"SELECT 1 WHERE (SELECT {_table}_liar()) = 1"])
        {
            (await client.Query(sql).RoundTripAsync()).Error().Diagnostic.SqlState.ShouldBe("42501");
            (await client.Parse("", sql).Bind("", "").Execute().Sync().RoundTripAsync()).Error().Diagnostic.SqlState.ShouldBe("42501");
        }

        (await server.AskAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711")).ShouldBe("0");
        await server.ExecuteAsync($"DROP OPERATOR <#> (int, int); DROP FUNCTION {_table}_op; DROP FUNCTION {_table}_liar");
    }

    private static TestPolicy Showing(string effect) => TestPolicy.Open("admin").Add(
        "Guardrail", "shown", $$$"""{"when":{"effects":["{{{effect}}}"]},"action":"review","review":{"reviewers":["dba"],"approvals":1,"expiresAfter":"15m","showEffect":true},"message":"Look."}""");
}
