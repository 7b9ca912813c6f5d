using Npgsql;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions;

public sealed class RefusalTests(SampleServer server) : IAsyncLifetime
{
    private readonly PsqlClient _psql = new();
    private SessionHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await SessionHost.StartAsync(server, TestPolicy.Sample("admin"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_denied_statement_has_the_public_error_and_the_session_goes_on()
    {
        await using var client = await _host.OpenRawAsync();
        var messages = await client.Query("DROP TABLE customers").RoundTripAsync();
        messages.Texts().ShouldBe(["E:42501", "Z:I"]);
        var error = messages[0].Diagnostic;
        error.Severity.ShouldBe("ERROR");
        error.Message.ShouldBe("weir: denied by guardrail \"no-destructive-ddl\": Ship a migration instead.");
        error.ConstraintName.ShouldBe("no-destructive-ddl");
        error.Hint.ShouldNotBeNullOrEmpty();
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
        var statements = await _host.StatementsAsync();
        statements[0].Statement.Decision.ShouldBe("deny");
        statements[0].Finished.Status.ShouldBe("denied");
        statements[0].Finished.SqlState.ShouldBe("42501");
        statements[1].Finished.Status.ShouldBe("ok");
    }

    [Fact]
    public async Task Psql_shows_code_hint_and_constraint_and_goes_on()
    {
        var result = await _psql.ScriptAsync(_host.Url, "DROP TABLE customers;\nSELECT 40 + 2;\n", Cancel);
        result.StandardOutput.ShouldContain("42");
        result.StandardError.ShouldContain("ERROR:  42501: weir: denied by guardrail \"no-destructive-ddl\": Ship a migration instead.");
        result.StandardError.ShouldContain("HINT:");
        result.StandardError.ShouldContain("CONSTRAINT NAME:  no-destructive-ddl");
    }

    [Fact]
    public async Task A_denied_statement_aborts_the_transaction_as_PostgreSQL_would()
    {
        await using var client = await _host.OpenRawAsync();
        (await client.Query("BEGIN").RoundTripAsync()).Texts().ShouldBe(["C:BEGIN", "Z:T"]);
        (await client.Query("DROP TABLE customers").RoundTripAsync()).Texts().ShouldBe(["E:42501", "Z:E"]);
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["E:25P02", "Z:E"]);
        (await client.Query("DROP TABLE customers").RoundTripAsync()).Texts().ShouldBe(["E:25P02", "Z:E"]);
        (await client.Query("COMMIT").RoundTripAsync()).Texts().ShouldBe(["C:ROLLBACK", "Z:I"]);
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
    }

    [Fact]
    public async Task A_savepoint_brings_the_transaction_back_after_a_denial()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("BEGIN").RoundTripAsync();
        await client.Query("SAVEPOINT s").RoundTripAsync();
        (await client.Query("DROP TABLE customers").RoundTripAsync()).Texts().ShouldBe(["E:42501", "Z:E"]);
        (await client.Query("ROLLBACK TO s").RoundTripAsync()).Texts().ShouldBe(["C:ROLLBACK", "Z:T"]);
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:T"]);
        (await client.Query("COMMIT").RoundTripAsync()).Texts().ShouldBe(["C:COMMIT", "Z:I"]);
    }

    [Fact]
    public async Task Pipelined_queries_are_answered_in_order_around_a_denial()
    {
        await using var client = await _host.OpenRawAsync();
        var messages = await client.Query("SELECT 1").Query("DROP TABLE customers").Query("SELECT 2").Query("DROP TABLE orders").Query("SELECT 3").RoundTripAsync(5);
        messages.Texts().ShouldBe(
            ["T", "D:1", "C:SELECT 1", "Z:I", "E:42501", "Z:I", "T", "D:2", "C:SELECT 1", "Z:I", "E:42501", "Z:I", "T", "D:3", "C:SELECT 1", "Z:I"]);
    }

    [Fact]
    public async Task A_denied_Parse_skips_to_Sync()
    {
        await using var client = await _host.OpenRawAsync();
        client.Parse("", "SELECT 1").Bind("", "").Execute()
            .Parse("d", "DROP TABLE customers").Bind("", "d").Execute()
            .Parse("", "SELECT 2").Bind("", "").Execute().Sync()
            .Parse("", "SELECT 3").Bind("", "").Execute().Sync();
        (await client.RoundTripAsync(2)).Texts().ShouldBe(["1", "2", "D:1", "C:SELECT 1", "E:42501", "Z:I", "1", "2", "D:3", "C:SELECT 1", "Z:I"]);
        (await client.Bind("", "d").Sync().RoundTripAsync()).Texts().ShouldBe(["E:26000", "Z:I"]);
    }

    [Fact]
    public async Task A_statement_that_is_denied_after_it_was_prepared_fails_at_Bind()
    {
        await using var client = await _host.OpenRawAsync();
        (await client.Parse("s", "DELETE FROM payments WHERE id = $1").Sync().RoundTripAsync()).Texts().ShouldBe(["1", "Z:I"]);
        _host.Use(TestPolicy.Sample("admin").Add("Guardrail", "no-deletes", """{"when":{"effects":["delete"]},"action":"deny","message":"No."}"""));
        var messages = await client.Bind("", "s", "-1").Execute().Sync().RoundTripAsync();
        messages.Texts().ShouldBe(["E:42501", "Z:I"]);
        messages[0].Diagnostic.ConstraintName.ShouldBe("no-deletes", messages[0].Diagnostic.ToString());
    }

    [Fact]
    public async Task Npgsql_gets_the_denial_and_its_connection_stays_usable()
    {
        await using var connection = await _host.OpenAsync();
        await using var drop = new NpgsqlCommand("DROP TABLE customers", connection);
        var error = await Should.ThrowAsync<PostgresException>(() => drop.ExecuteNonQueryAsync(Cancel));
        error.SqlState.ShouldBe("42501");
        error.ConstraintName.ShouldBe("no-destructive-ddl");
        await using var select = new NpgsqlCommand("SELECT 1", connection);
        (await select.ExecuteScalarAsync(Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task A_batch_stops_at_its_denied_command_and_keeps_its_order()
    {
        await using var connection = await _host.OpenAsync();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new("SELECT 1"), new("SELECT 2"), new("TRUNCATE payments"), new("SELECT 3") } };
        var results = new List<object>();
        var error = await Should.ThrowAsync<PostgresException>(async () =>
        {
            await using var reader = await batch.ExecuteReaderAsync(Cancel);
            do
            {
                while (await reader.ReadAsync(Cancel))
                    results.Add(reader.GetValue(0));
            }
            while (await reader.NextResultAsync(Cancel));
        });
        error.SqlState.ShouldBe("42501");
        results.ShouldBe([1, 2]);
        await using var select = new NpgsqlCommand("SELECT count(*) > 0 FROM payments", connection);
        (await select.ExecuteScalarAsync(Cancel)).ShouldBe(true);
    }

    [Fact]
    public async Task A_text_of_several_statements_is_refused_whole()
    {
        await using var client = await _host.OpenRawAsync();
        (await client.Query("CREATE TABLE never_made (i int); DROP TABLE customers").RoundTripAsync()).Texts().ShouldBe(["E:42501", "Z:I"]);
        (await server.AskAsync("SELECT to_regclass('never_made')::text")).ShouldBeNullOrEmpty();
    }

    [Theory]
    [InlineData("SELEC 1")]
    [InlineData("SELECT 1 FROM WHERE")]
    [InlineData("SELECT 'abc")]
    [InlineData("SELECT 1; SELECT (2")]
    [InlineData("SELECT 'ä', foo bar baz")]
    [InlineData("INSERT INTO t VALUES (1,)")]
    [InlineData("SELECT 1 $1x")]
    public async Task A_text_that_does_not_parse_has_the_servers_own_error(string sql)
    {
        await using var direct = await RawClient.ConnectAsync("127.0.0.1", (await server.ServerAsync()).Port);
        await direct.LogInAsync(SampleServer.Owner, server.Password, SampleServer.Database);
        var expected = (await direct.Query(sql).RoundTripAsync()).Error().Diagnostic;
        expected.SqlState.ShouldBe("42601");
        await using var client = await _host.OpenRawAsync();
        foreach (var isExtended in new[] { false, true })
        {
            var error = (isExtended ? await client.Parse("", sql).Sync().RoundTripAsync() : await client.Query(sql).RoundTripAsync()).Error().Diagnostic;
            error.SqlState.ShouldBe(expected.SqlState);
            error.Message.ShouldBe(expected.Message);
            error.Position.ShouldBe(expected.Position);
        }

        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
    }

    [Fact]
    public async Task Hostile_frames_end_the_session_only()
    {
        foreach (var (type, body) in new[] { ('!', Array.Empty<byte>()), ('p', [1, 2, 3]), ('Q', [65]), ('B', [0, 0, 255, 255]), ('E', [1]), ('P', [65]), ('D', [88, 0]), ('C', [88, 0]), ('S', [1]) })
        {
            await using var client = await _host.OpenRawAsync();
            try
            {
                await client.Message(type, body).Sync().SendAsync();
                while ((await client.ReceiveAsync()).Type != Weir.Protocol.Postgres.BackendMessageType.ReadyForQuery)
                {
                }
            }
            catch (Exception fault) when (fault is EndOfStreamException or IOException)
            {
                // Ended: fine too.
            }
        }

        await using var another = await _host.OpenRawAsync();
        (await another.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
        (await another.Message('F', [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]).RoundTripAsync()).Texts().ShouldBe(["E:42883", "Z:I"]);
    }

    [Fact]
    public async Task Nothing_of_a_refused_text_reaches_the_server()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Query("DROP TABLE customers /* marker-7731 */").RoundTripAsync();
        await client.Query("SELEC 'marker-7731'").RoundTripAsync();
        (await server.AskAsync("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%marker' || '-7731%' AND pid <> pg_backend_pid()")).ShouldBe("0");
    }
}
