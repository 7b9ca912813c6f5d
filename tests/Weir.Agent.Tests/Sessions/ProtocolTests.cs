using System.Text;
using Npgsql;
using Weir.Agent.Sessions;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions;

/// <summary>What clients expect of a PostgreSQL server, through the agent.</summary>
public sealed class ProtocolTests(SampleServer server) : IAsyncLifetime
{
    private readonly PsqlClient _psql = new();
    private SessionHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await SessionHost.StartAsync(server, TestPolicy.Open("admin"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_same_script_gives_the_same_output_with_and_without_the_agent()
    {
        // Lists are of names that no other test adds to: they run beside this one, in the same database.
        const string Script = """
            \set VERBOSITY default
            \d orders
            \dt orders
            \dt pg_catalog.*
            \df order_total
            SELECT id, status, amount FROM orders ORDER BY id LIMIT 3;
            SELECT 1; SELECT 2; SELECT 1/0; SELECT 3;
            SELECT 1 \; SELECT 2;
            SELECT 1 \; SELECT 1/0 \; SELECT 2;
            BEGIN; INSERT INTO payments (order_id, method, amount, client_ip) VALUES (1, 'card', 1, '127.0.0.1'); ROLLBACK;
            BEGIN; SELECT 1/0; SELECT 1; COMMIT;
            SELECT * FROM no_such_table;
            SELECT order_total(1) IS NOT NULL;
            EXPLAIN (COSTS OFF) SELECT * FROM (VALUES (1), (2)) v;
            SHOW server_version;
            ;
            SELECT;
            DO $$ BEGIN PERFORM 1; END $$;
            PREPARE p(int) AS SELECT $1 + 1; EXECUTE p(41); DEALLOCATE p;
            CREATE TEMP TABLE t (i int, s text);
            \copy t FROM STDIN
            1	one
            2	two
            \.
            COPY t FROM STDIN WITH (FORMAT csv);
            3,three
            \.
            COPY t FROM STDIN;
            x	y
            \.
            SELECT * FROM t ORDER BY i;
            COPY t TO STDOUT;
            BEGIN; DECLARE c CURSOR FOR SELECT generate_series(1, 5); FETCH 2 FROM c; MOVE 1 FROM c; FETCH ALL FROM c; CLOSE c; COMMIT;
            SELECT generate_series(1, 3) \gx
            SELECT 'a' AS x \gset
            \echo :x
            LISTEN ch; NOTIFY ch, 'hello'; SELECT 1;
            """;
        await ShouldBeTheSameAsync(Script);
    }

    [Fact]
    public async Task Under_masking_rules_and_budgets_what_no_rule_concerns_stays_the_same()
    {
        _host.Use(TestPolicy.Open("admin").Masks().Budget("large", """{"rowsChanged":100000,"rowsRead":100000,"per":"transaction"}"""));
        await ShouldBeTheSameAsync("""
            \set VERBOSITY default
            \d orders
            SELECT id, status, amount FROM orders ORDER BY id LIMIT 3;
            SELECT 1; SELECT 2; SELECT 1/0; SELECT 3;
            SELECT 1 \; SELECT 2;
            SELECT 1 \; SELECT 1/0 \; SELECT 2;
            SELECT 1 \; SELECT no_such_column FROM orders;
            BEGIN; INSERT INTO payments (order_id, method, amount, client_ip) VALUES (1, 'card', 1, '127.0.0.1'); ROLLBACK;
            BEGIN; SELECT 1/0; SELECT 1; COMMIT;
            BEGIN \; UPDATE orders SET note = note WHERE id = 1 \; ROLLBACK;
            BEGIN \; UPDATE orders SET note = 1/0 WHERE id = 1 \; ROLLBACK;
            SELECT 1;
            ROLLBACK;
            UPDATE orders SET note = note WHERE id = 1 RETURNING id, status;
            SELECT * FROM no_such_table;
            EXPLAIN (COSTS OFF) SELECT * FROM (VALUES (1), (2)) v;
            SHOW server_version;
            ;
            SELECT;
            PREPARE p(int) AS SELECT $1 + 1; EXECUTE p(41); DEALLOCATE p;
            COPY (SELECT id, status FROM orders ORDER BY id LIMIT 2) TO STDOUT;
            BEGIN;
            COPY payments (order_id, method, amount, client_ip) FROM STDIN;
            1	card	1	127.0.0.1
            \.
            COPY payments (order_id, method, amount, client_ip) FROM STDIN;
            1	x	1	127.0.0.1
            \.
            SELECT 1;
            ROLLBACK;
            BEGIN; DECLARE c CURSOR FOR SELECT generate_series(1, 5); FETCH 2 FROM c; MOVE 1 FROM c; FETCH ALL FROM c; CLOSE c; COMMIT;
            SELECT generate_series(1, 3) \gx
            CREATE TEMP TABLE t (i int, s text);
            INSERT INTO t VALUES (1, 'one'), (2, 'two');
            SELECT * FROM t ORDER BY i;
            BEGIN; CREATE TEMP TABLE u ON COMMIT DROP AS SELECT 7 AS seven, status FROM orders WHERE id = 1; SELECT seven, status IS NULL FROM u; COMMIT;
            DROP TABLE t;
            CREATE TABLE plain_made_here (i int, s text);
            INSERT INTO plain_made_here VALUES (1, 'one');
            SELECT * FROM plain_made_here;
            DROP TABLE plain_made_here;
            """);
    }

    private async Task ShouldBeTheSameAsync(string script)
    {
        // The agent's session and the direct one: same role, same database.
        var direct = await _psql.ScriptAsync((await server.ServerAsync()).Url(SampleServer.Database, SampleServer.Owner, server.Password), script, Cancel);
        var through = await _psql.ScriptAsync(_host.Url, script, Cancel);
        Normalize(through.StandardOutput).ShouldBe(Normalize(direct.StandardOutput));
        // A session with masking rules gives no details and contexts of errors.
        Errors(through.StandardError).ShouldBe(Errors(direct.StandardError));
    }

    [Fact]
    public async Task Without_masking_rules_errors_are_the_same_to_the_last_field()
    {
        _host.Use(TestPolicy.Open("admin"));
        const string Script = """
            SELECT * FROM no_such_table;
            SELECT no_such_column FROM orders;
            SELECT 'x'::int;
            INSERT INTO customers (id, full_name) VALUES (1, 'x');
            DO $$ BEGIN RAISE EXCEPTION 'own' USING DETAIL = 'detail', HINT = 'hint', ERRCODE = 'P0099'; END $$;
            COPY orders FROM STDIN;
            x
            \.
            """;
        var direct = await _psql.ScriptAsync((await server.ServerAsync()).Url(SampleServer.Database, SampleServer.Owner, server.Password), Script, Cancel);
        var through = await _psql.ScriptAsync(_host.Url, Script, Cancel);
        Normalize(through.StandardError).ShouldBe(Normalize(direct.StandardError));
    }

    [Fact]
    public async Task A_driver_prepares_batches_and_copies_in_both_directions()
    {
        await using var connection = await _host.OpenAsync();
        await using (var create = new NpgsqlCommand("CREATE TEMP TABLE t (i int, s text)", connection))
            await create.ExecuteNonQueryAsync(Cancel);
        await using (var import = await connection.BeginBinaryImportAsync("COPY t FROM STDIN (FORMAT binary)", Cancel))
        {
            for (var i = 0; i < 5000; i++)
                await import.WriteRowAsync(Cancel, i, $"row {i}");
            (await import.CompleteAsync(Cancel)).ShouldBe(5000ul);
        }

        await using (var export = await connection.BeginBinaryExportAsync("COPY t TO STDOUT (FORMAT binary)", Cancel))
        {
            var rows = 0;
            while (await export.StartRowAsync(Cancel) > 0)
            {
                (await export.ReadAsync<int>(Cancel)).ShouldBe(rows++);
                await export.SkipAsync(Cancel);
            }

            rows.ShouldBe(5000);
        }

        await using var prepared = new NpgsqlCommand("SELECT s FROM t WHERE i = $1", connection) { Parameters = { new() { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer } } };
        await prepared.PrepareAsync(Cancel);
        for (var i = 0; i < 100; i++)
        {
            prepared.Parameters[0].Value = i;
            (await prepared.ExecuteScalarAsync(Cancel)).ShouldBe($"row {i}");
        }

        await using var batch = new NpgsqlBatch(connection);
        for (var i = 0; i < 50; i++)
            batch.BatchCommands.Add(new NpgsqlBatchCommand("INSERT INTO t VALUES ($1, 'x')") { Parameters = { new() { Value = i } } });
        (await batch.ExecuteNonQueryAsync(Cancel)).ShouldBe(50);
    }

    [Fact]
    public async Task An_aborted_import_leaves_the_connection_usable()
    {
        await using var connection = await _host.OpenAsync();
        await using (var create = new NpgsqlCommand("CREATE TEMP TABLE t (i int)", connection))
            await create.ExecuteNonQueryAsync(Cancel);
        await using (var import = await connection.BeginBinaryImportAsync("COPY t FROM STDIN (FORMAT binary)", Cancel))
            await import.WriteRowAsync(Cancel, 1);
        await using var count = new NpgsqlCommand("SELECT count(*) FROM t", connection);
        (await count.ExecuteScalarAsync(Cancel)).ShouldBe(0L);
    }

    [Fact]
    public async Task Notifications_arrive_while_the_session_is_idle()
    {
        await using var connection = await _host.OpenAsync();
        var payload = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Notification += (_, e) => payload.TrySetResult(e.Payload);
        await using (var listen = new NpgsqlCommand("LISTEN chan", connection))
            await listen.ExecuteNonQueryAsync(Cancel);
        var waiting = connection.WaitAsync(Cancel);
        await server.ExecuteAsync("NOTIFY chan, 'hello'");
        await waiting;
        (await payload.Task).ShouldBe("hello");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_larger_than_what_is_inspected_pass_where_nothing_is_masked(bool withMasks)
    {
        await using var small = await SessionHost.StartAsync(server, withMasks ? TestPolicy.Open("admin").Masks() : TestPolicy.Open("admin"), new SessionOptions { MaxInspectedAnswer = 1024 * 1024 });
        await using var connection = await small.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT repeat('x', 6000000), 'end' UNION ALL SELECT repeat('y', 3000000), 'end'", connection);
        await using (var reader = await command.ExecuteReaderAsync(Cancel))
        {
            foreach (var (letter, length) in new[] { ('x', 6_000_000), ('y', 3_000_000) })
            {
                (await reader.ReadAsync(Cancel)).ShouldBeTrue();
                reader.GetString(0).ShouldBe(new string(letter, length));
                reader.GetString(1).ShouldBe("end");
            }
        }

        await using var copy = new StringWriter();
        using (var export = await connection.BeginTextExportAsync("COPY (SELECT repeat('x', 6000000)) TO STDOUT", Cancel))
            (await export.ReadToEndAsync(Cancel)).Length.ShouldBe(6_000_001);
        await using var select = new NpgsqlCommand("SELECT 1", connection);
        (await select.ExecuteScalarAsync(Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task A_row_too_large_to_be_masked_is_an_error_and_the_session_goes_on()
    {
        await using var small = await SessionHost.StartAsync(server, TestPolicy.Open("admin").Masks(), new SessionOptions { MaxInspectedAnswer = 1024 * 1024 });
        await using var client = await small.OpenRawAsync();
        var messages = await client.Query("SELECT ssn, repeat('x', 6000000) FROM customers WHERE id <= 3").RoundTripAsync();
        messages.Texts()[^2..].ShouldBe(["E:54000", "Z:I"], string.Join(" ", messages.Texts()));
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
    }

    [Fact]
    public async Task An_answer_that_had_to_be_withheld_aborts_the_transaction()
    {
        await using var small = await SessionHost.StartAsync(server, TestPolicy.Open("admin").Masks(), new SessionOptions { MaxInspectedAnswer = 1024 * 1024 });
        await using var client = await small.OpenRawAsync();
        const string TooLarge = "SELECT ssn, repeat('x', 6000000) FROM customers WHERE id <= 3";
        foreach (var isExtended in new[] { false, true })
        {
            await client.Query("BEGIN").RoundTripAsync();
            var messages = isExtended ? await client.Parse("", TooLarge).Bind("", "").Execute().Sync().RoundTripAsync() : await client.Query(TooLarge).RoundTripAsync();
            messages.Texts()[^2..].ShouldBe(["E:54000", "Z:E"]);
            (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["E:25P02", "Z:E"]);
            (await client.Query("ROLLBACK").RoundTripAsync()).Texts().ShouldBe(["C:ROLLBACK", "Z:I"]);
        }

        (await client.Query($"SELECT 1; {TooLarge}; SELECT 2").RoundTripAsync()).Texts()[^2..].ShouldBe(["E:54000", "Z:I"]);
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
    }

    [Fact]
    public async Task Statements_of_many_sizes_pass()
    {
        await using var client = await _host.OpenRawAsync();
        foreach (var size in new[] { 1, 1000, 5000, 20_000, 70_000, 1_000_000 })
        {
            var literal = new string('x', size);
            (await client.Query($"SELECT length('{literal}')").RoundTripAsync()).Texts().ShouldBe(["T", $"D:{size}", "C:SELECT 1", "Z:I"]);
            (await client.Parse("", $"SELECT length('{literal}')").Bind("", "").Execute().Sync().RoundTripAsync()).Texts().ShouldBe(["1", "2", $"D:{size}", "C:SELECT 1", "Z:I"]);
        }
    }

    [Fact]
    public async Task A_pipeline_with_an_error_in_the_middle_goes_on_behind_its_Sync()
    {
        await using var client = await _host.OpenRawAsync();
        client.Parse("", "SELECT 1").Bind("", "").DescribePortal("").Execute()
            .Parse("", "SELECT 1/0").Bind("", "").Execute()
            .Parse("a", "SELECT 2").Bind("", "a").Execute().Sync()
            .Parse("a", "SELECT 3").Bind("", "a").Execute().Sync();
        (await client.RoundTripAsync(2)).Texts().ShouldBe(["1", "2", "T", "D:1", "C:SELECT 1", "1", "E:22012", "Z:I", "1", "2", "D:3", "C:SELECT 1", "Z:I"]);
    }

    [Fact]
    public async Task Flush_gives_what_there_is()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Parse("", "SELECT 1").Bind("", "").Execute().Flush().SendAsync();
        foreach (var expected in new[] { "1", "2", "D:1", "C:SELECT 1" })
            (await client.ReceiveAsync()).ToString().ShouldBe(expected);
        (await client.Sync().RoundTripAsync()).Texts().ShouldBe(["Z:I"]);
    }

    [Fact]
    public async Task Many_sessions_work_at_once_and_leave_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async n =>
        {
            await using var connection = await _host.OpenAsync();
            for (var i = 0; i < 20; i++)
            {
                await using var command = new NpgsqlCommand("SELECT $1::int + 1", connection) { Parameters = { new() { Value = n } } };
                (await command.ExecuteScalarAsync(Cancel)).ShouldBe(n + 1);
            }
        }));
        await _host.NoSessionsAsync();
        (await _host.StatementsAsync()).Count.ShouldBeGreaterThanOrEqualTo(800);
    }

    private static string Normalize(string text) =>
        System.Text.RegularExpressions.Regex.Replace(text, @"PID \d+|\d{4}-\d\d-\d\d [\d:.]+", "…");

    private static string[] Errors(string text) =>
        [.. text.Split('\n').Where(l => l.Contains("ERROR:", StringComparison.Ordinal) || l.Contains("NOTICE:", StringComparison.Ordinal)).Select(l => System.Text.RegularExpressions.Regex.Replace(l, "\"[^\"]*\"", "\"…\""))];
}
