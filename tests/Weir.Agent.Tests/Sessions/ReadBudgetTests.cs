using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres;

namespace Weir.Agent.Tests.Sessions;

/// <summary>Budgets on what comes back: <c>rowsRead</c> and <c>bytesRead</c>.</summary>
public sealed class ReadBudgetTests(SampleServer server) : IAsyncLifetime
{
    private static int _tables;

    private readonly string _table = $"read_{Interlocked.Increment(ref _tables)}";
    private SessionHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await SessionHost.StartAsync(server, Limit("""{"rowsRead":10,"per":"statement"}"""));
        await server.ExecuteAsync($"""
            CREATE TABLE {_table} (id int PRIMARY KEY, pad text DEFAULT repeat('x', 100)); INSERT INTO {_table} SELECT i FROM generate_series(1, 100) i; ALTER TABLE {_table} OWNER TO orders_app;
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await server.ExecuteAsync($"DROP TABLE {_table} CASCADE");
    }

    [Fact]
    public async Task Rows_beyond_a_read_budget_are_not_sent()
    {
        await using var client = await _host.OpenRawAsync();
        var messages = await client.Query($"SELECT id FROM {_table} ORDER BY id").RoundTripAsync();
        messages.Texts().ShouldBe(["T", .. Enumerable.Range(1, 10).Select(i => $"D:{i}"), "E:54000", "Z:I"]);
        messages.Error().Diagnostic.Message.ShouldContain("more than 10");
        (await client.Query($"SELECT id FROM {_table} WHERE id <= 10").RoundTripAsync()).Texts()[^2..].ShouldBe(["C:SELECT 10", "Z:I"]);
        messages = await client.Parse("", $"SELECT id FROM {_table}").Bind("", "").Execute("", 6).Execute("", 6).Sync().RoundTripAsync();
        messages.Texts().Select(t => t[0]).ShouldBe("12DDDDDDsDDDDEZ".ToCharArray());
        messages = await client.Query($"COPY {_table} TO STDOUT").RoundTripAsync();
        messages.Texts().ShouldBe(["H", .. Enumerable.Repeat("d", 10), "E:54000", "Z:I"]);
        await client.Query("BEGIN").RoundTripAsync();
        (await client.Query($"SELECT id FROM {_table}").RoundTripAsync()).Texts()[^2..].ShouldBe(["E:54000", "Z:E"]);
        (await client.Query("ROLLBACK").RoundTripAsync()).Texts().ShouldBe(["C:ROLLBACK", "Z:I"]);
    }

    [Theory]
    [InlineData("DECLARE c CURSOR FOR SELECT id FROM {0}")]
    [InlineData("DECLARE c CURSOR WITH HOLD FOR SELECT id FROM {0}")]
    [InlineData("DO $$ BEGIN EXECUTE 'DECLARE c CURSOR WITH HOLD FOR SELECT id FROM {0}'; END $$")]
    public async Task Pieces_of_one_cursor_are_one_result(string declare)
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("BEGIN").RoundTripAsync();
        (await client.Query(Sql(declare)).RoundTripAsync()).Texts()[^1].ShouldBe("Z:T");
        Rows(await client.Query("FETCH 6 FROM c").RoundTripAsync()).ShouldBe(6);
        if (declare.Contains("HOLD", StringComparison.Ordinal))
        {
            await client.Query("COMMIT").RoundTripAsync();
            await client.Query("BEGIN").RoundTripAsync();
            await client.Query("ROLLBACK").RoundTripAsync();
        }

        var messages = await client.Query("FETCH 6 FROM c").RoundTripAsync();
        Rows(messages).ShouldBe(4);
        messages.Error().Diagnostic.SqlState.ShouldBe("54000");
        Rows(await client.Query("FETCH BACKWARD 6 FROM c").RoundTripAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_portal_that_is_fetched_by_name_is_the_same_result()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("BEGIN").RoundTripAsync();
        Rows(await client.Parse("", Sql("SELECT id FROM {0}")).Bind("p", "").Execute("p", 6).Sync().RoundTripAsync()).ShouldBe(6);
        var messages = await client.Parse("", "FETCH 6 FROM p").Bind("", "").Execute().Sync().RoundTripAsync();
        Rows(messages).ShouldBe(4);
        messages.Error().Diagnostic.SqlState.ShouldBe("54000");
    }

    [Fact]
    public async Task A_cursor_that_is_declared_again_begins_anew()
    {
        await using var client = await _host.OpenRawAsync();
        for (var i = 0; i < 3; i++)
        {
            await client.Query("BEGIN").RoundTripAsync();
            await client.Query(Sql("DECLARE c CURSOR FOR SELECT id FROM {0}")).RoundTripAsync();
            (await client.Query("FETCH 8 FROM c").RoundTripAsync()).Texts()[^2..].ShouldBe(["C:FETCH 8", "Z:T"]);
            await client.Query("COMMIT").RoundTripAsync();
        }
    }

    [Theory]
    [InlineData("COPY {0} TO STDOUT", 10)]
    [InlineData("COPY (SELECT id FROM {0}) TO STDOUT (FORMAT csv, HEADER)", 11)]
    [InlineData("COPY {0} TO STDOUT (FORMAT binary)", 10)]
    [InlineData("UPDATE {0} SET pad = pad RETURNING id", 10)]
    [InlineData("EXPLAIN (ANALYZE, FORMAT text) SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9", 10)]
    [InlineData("PREPARE p AS SELECT id FROM {0}; EXECUTE p", 10)]
    [InlineData("VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11)", 10)]
    public async Task Whatever_brings_rows_counts(string query, int sent)
    {
        foreach (var isExtended in (bool[])[false, true])
        {
            if (isExtended && query.Contains(';', StringComparison.Ordinal))
                continue;
            await using var client = await _host.OpenRawAsync();
            var messages = isExtended
                ? await client.Parse("", Sql(query)).Bind("", "").Execute().Sync().RoundTripAsync()
                : await client.Query(Sql(query)).RoundTripAsync();
            Rows(messages).ShouldBe(sent);
            messages.Error().Diagnostic.SqlState.ShouldBe("54000");
        }
    }

    [Theory]
    [InlineData("COPY (SELECT id FROM {0} WHERE id <= 10) TO STDOUT (FORMAT csv, HEADER)")]
    [InlineData("COPY (SELECT id FROM {0} WHERE id <= 10) TO STDOUT (FORMAT binary)")]
    public async Task Headers_and_trailers_of_a_copy_are_no_rows(string query)
    {
        await using var client = await _host.OpenRawAsync();
        (await client.Query(Sql(query)).RoundTripAsync()).Texts()[^2..].ShouldBe(["C:COPY 10", "Z:I"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bytes_beyond_a_budget_are_not_sent(bool isExtended)
    {
        _host.Use(Limit("""{"bytesRead":1000,"per":"statement"}"""));
        await using var client = await _host.OpenRawAsync();
        Task<List<RawMessage>> RunAsync(string sql) =>
            isExtended ? client.Parse("", sql).Bind("", "").Execute().Sync().RoundTripAsync() : client.Query(sql).RoundTripAsync();
        // Two bytes for the number of fields, four and 100 for the one: nine rows are 954 bytes.
        var messages = await RunAsync(Sql("SELECT pad FROM {0}"));
        Rows(messages).ShouldBe(9);
        messages.Error().Diagnostic.SqlState.ShouldBe("54000");
        messages.Error().Diagnostic.Message.ShouldContain("more than 1000 bytes returned");
        (await RunAsync(Sql("SELECT pad FROM {0} LIMIT 9"))).Texts()[^2..].ShouldBe(["C:SELECT 9", "Z:I"]);
        Rows(await RunAsync("SELECT repeat('x', 500000)")).ShouldBe(0);
        messages = await RunAsync(Sql("COPY {0} (pad) TO STDOUT"));
        messages.Where(m => m.Type == BackendMessageType.CopyData).Sum(m => m.Body.Length).ShouldBe(909);
        messages.Error().Diagnostic.SqlState.ShouldBe("54000");
        Rows(await RunAsync("COPY (SELECT repeat('x', 500000)) TO STDOUT")).ShouldBe(0);
    }

    [Theory]
    [InlineData("rowsRead", 20, false)]
    [InlineData("rowsRead", 20, true)]
    [InlineData("bytesRead", 2200, false)]
    [InlineData("bytesRead", 2200, true)]
    public async Task A_session_budget_counts_also_what_came_before_an_error(string measure, int limit, bool isExtended)
    {
        _host.Use(Limit($$"""{"{{measure}}":{{limit}},"per":"session"}"""));
        await using var client = await _host.OpenRawAsync();
        Task<List<RawMessage>> RunAsync(string sql) =>
            isExtended ? client.Parse("", sql).Bind("", "").Execute().Sync().RoundTripAsync() : client.Query(sql).RoundTripAsync();
        var failing = Sql("SELECT pad || substr('', 1, 1 / (16 - id)) FROM {0} ORDER BY id");
        var messages = await RunAsync(failing);
        messages.Error().Diagnostic.SqlState.ShouldBe("22012");
        Rows(messages).ShouldBe(15);
        messages = await RunAsync(Sql("SELECT pad FROM {0}"));
        Rows(messages).ShouldBe(5);
        messages.Error().Diagnostic.SqlState.ShouldBe("54000");
        Rows(await RunAsync(Sql("SELECT pad FROM {0}"))).ShouldBe(0);
    }

    [Fact]
    public async Task A_transaction_budget_ends_with_the_transaction()
    {
        _host.Use(Limit("""{"rowsRead":10,"per":"transaction"}"""));
        await using var client = await _host.OpenRawAsync();
        for (var i = 0; i < 2; i++)
        {
            await client.Query("BEGIN").RoundTripAsync();
            (await client.Query(Sql("SELECT id FROM {0} LIMIT 6")).RoundTripAsync()).Texts()[^2..].ShouldBe(["C:SELECT 6", "Z:T"]);
            (await client.Query(Sql("SELECT id FROM {0} LIMIT 6")).RoundTripAsync()).Texts()[^2..].ShouldBe(["E:54000", "Z:E"]);
            await client.Query("ROLLBACK").RoundTripAsync();
        }
    }

    [Fact]
    public async Task Masked_rows_count_like_others()
    {
        _host.Use(Limit("""{"rowsRead":10,"per":"statement"}""").Add("MaskingRule", "pads", """{"columns":["*.*.pad"],"mask":"redact","use":"allow"}"""));
        await using var client = await _host.OpenRawAsync();
        Rows(await client.Query(Sql("SELECT pad FROM {0}")).RoundTripAsync()).ShouldBe(10);
        Rows(await client.Query(Sql("COPY {0} TO STDOUT")).RoundTripAsync()).ShouldBe(10);
    }

    private static TestPolicy Limit(string budget) => TestPolicy.Open("admin").Budget("read-limit", budget);

    private static int Rows(IEnumerable<RawMessage> messages) =>
        messages.Count(m => m.Type == BackendMessageType.DataRow || (m.Type == BackendMessageType.CopyData && m.Body is not [0xFF, 0xFF]));

    private string Sql(string format) => string.Format(System.Globalization.CultureInfo.InvariantCulture, format, _table);
}
