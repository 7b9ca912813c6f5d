using Npgsql;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions;

public sealed class MaskingTests(SampleServer server) : IAsyncLifetime
{
    private readonly PsqlClient _psql = new();
    private SessionHost _host = null!;
    private string _ssn = "";
    private string _card = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await SessionHost.StartAsync(server);
        _ssn = (await server.AskAsync("SELECT ssn FROM customers WHERE id = 1"))!;
        _card = (await server.AskAsync("SELECT credit_card FROM customers WHERE id = 1"))!;
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("SELECT ssn, credit_card FROM customers WHERE id = 1")]
    [InlineData("SELECT c.ssn AS a, c.credit_card AS b FROM customers AS c WHERE c.id = 1")]
    [InlineData("WITH x AS (SELECT * FROM customers) SELECT ssn, credit_card FROM x WHERE id = 1")]
    [InlineData("SELECT p, q FROM (SELECT id AS i, ssn AS p, credit_card AS q FROM customers) s WHERE i = 1")]
    [InlineData("SELECT lower(ssn), credit_card || '' FROM customers WHERE id = 1")]
    [InlineData("SELECT (SELECT ssn FROM customers WHERE id = 1), (SELECT credit_card FROM customers WHERE id = 1)")]
    [InlineData("TABLE customers")]
    [InlineData("SELECT row_to_json(c) FROM customers c WHERE id = 1")]
    [InlineData("SELECT c FROM customers c WHERE id = 1")]
    [InlineData("SELECT card FROM best_customers")]
    [InlineData("SELECT ssn, credit_card FROM customers WHERE id = 1 UNION ALL SELECT 'a', 'b'")]
    [InlineData("SELECT array_agg(ssn), string_agg(credit_card, ',') FROM customers")]
    [InlineData("SELECT ssn FROM customers WHERE id = 1; SELECT credit_card FROM customers WHERE id = 1")]
    [InlineData("UPDATE customers SET city = city WHERE id = 1 RETURNING ssn, credit_card")]
    [InlineData("COPY (SELECT ssn, credit_card FROM customers WHERE id = 1) TO STDOUT")]
    [InlineData("COPY (SELECT id, ssn, credit_card FROM customers) TO STDOUT (FORMAT csv, HEADER)")]
    [InlineData("COPY customers TO STDOUT")]
    [InlineData("COPY customers (credit_card, ssn) TO STDOUT")]
    [InlineData("COPY (SELECT ssn, credit_card FROM customers WHERE id = 1) TO STDOUT (FORMAT binary)")]
    [InlineData("PREPARE p AS SELECT ssn, credit_card FROM customers WHERE id = 1; EXECUTE p")]
    [InlineData("EXPLAIN (ANALYZE, VERBOSE) SELECT ssn FROM customers WHERE ssn = (SELECT ssn FROM customers WHERE id = 1)")]
    public async Task No_masked_value_leaves_in_the_simple_protocol(string sql)
    {
        await using var client = await _host.OpenRawAsync();
        var messages = await client.Query(sql).RoundTripAsync();
        messages[^1].ToString().ShouldBe("Z:I");
        ShouldHideValues(messages);
    }

    [Theory]
    [InlineData("SELECT ssn, credit_card FROM customers WHERE id = 1")]
    [InlineData("SELECT * FROM customers WHERE id = 1")]
    [InlineData("WITH x AS (SELECT * FROM customers) SELECT ssn, credit_card FROM x WHERE id = 1")]
    [InlineData("SELECT card FROM best_customers")]
    public async Task Values_are_masked_in_binary_format_too(string sql)
    {
        await using var connection = await _host.OpenAsync();
        foreach (var prepare in new[] { false, true })
        {
            await using var command = new NpgsqlCommand(sql, connection);
            if (prepare)
                await command.PrepareAsync(Cancel);
            await using var reader = await command.ExecuteReaderAsync(Cancel);
            var rows = 0;
            while (await reader.ReadAsync(Cancel))
            {
                rows++;
                for (var i = 0; i < reader.FieldCount; i++)
                {
                    reader.GetValue(i).ToString()!.ShouldNotContain(_ssn);
                    reader.GetValue(i).ToString()!.ShouldNotContain(_card);
                }

                if (reader.FieldCount == 2)
                    reader.GetString(1).ShouldEndWith(_card[^4..]);
            }

            rows.ShouldBeGreaterThan(0);
        }
    }

    [Fact]
    public async Task Other_columns_pass_untouched_and_NULL_stays_NULL()
    {
        await using var connection = await _host.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT id, full_name, email, date_of_birth, state, created_at, ssn FROM customers ORDER BY id", connection);
        await using var direct = new NpgsqlConnection((await server.ServerAsync()).ConnectionString(SampleServer.Database));
        await direct.OpenAsync(Cancel);
        await using var same = new NpgsqlCommand(command.CommandText, direct);
        await using var masked = await command.ExecuteReaderAsync(Cancel);
        await using var plain = await same.ExecuteReaderAsync(Cancel);
        var rows = 0;
        while (await plain.ReadAsync(Cancel))
        {
            (await masked.ReadAsync(Cancel)).ShouldBeTrue();
            rows++;
            for (var i = 0; i < 6; i++)
                masked.GetValue(i).ShouldBe(plain.GetValue(i));
            masked.GetString(6).ShouldNotBe(plain.GetString(6));
        }

        rows.ShouldBeGreaterThan(100);
        (await masked.ReadAsync(Cancel)).ShouldBeFalse();
        await masked.DisposeAsync();

        await using var nulls = new NpgsqlCommand("SELECT credit_card FROM payments WHERE credit_card IS NULL LIMIT 1", connection);
        (await nulls.ExecuteScalarAsync(Cancel)).ShouldBe(DBNull.Value);
    }

    [Fact]
    public async Task Cursors_and_fetched_rows_are_masked()
    {
        await using var client = await _host.OpenRawAsync();
        ShouldHideValues(await client.Query("BEGIN").RoundTripAsync());
        (await client.Query("DECLARE c CURSOR FOR SELECT id, ssn, credit_card FROM customers ORDER BY id").RoundTripAsync()).Texts().ShouldBe(["C:DECLARE CURSOR", "Z:T"]);
        var fetched = await client.Query("FETCH 3 FROM c").RoundTripAsync();
        fetched.Texts().ShouldContain("C:FETCH 3");
        fetched.Count(m => m.ToString().StartsWith("D:", StringComparison.Ordinal)).ShouldBe(3);
        ShouldHideValues(fetched);
        fetched = await client.Parse("", "FETCH BACKWARD 1 FROM c").Bind("", "").Execute().Sync().RoundTripAsync();
        ShouldHideValues(fetched);
        fetched.Texts().ShouldContain("C:FETCH 1");
        (await client.Query("CLOSE c; COMMIT").RoundTripAsync()).Texts().ShouldBe(["C:CLOSE CURSOR", "C:COMMIT", "Z:I"]);
    }

    [Fact]
    public async Task A_portal_with_a_row_limit_is_masked_in_every_part()
    {
        await using var client = await _host.OpenRawAsync();
        client.Parse("", "SELECT id, ssn FROM customers ORDER BY id LIMIT 5").Bind("p", "").Execute("p", 2).Execute("p", 2).Execute("p", 2).Sync();
        var messages = await client.RoundTripAsync();
        ShouldHideValues(messages);
        messages.Texts().Select(t => t[0]).ShouldBe("12DDsDDsDCZ".ToCharArray());
    }

    [Fact]
    public async Task Psql_shows_masked_rows_and_copies_masked_rows()
    {
        var shown = (await _psql.QueryAsync(_host.Url, ["SELECT id, ssn, credit_card FROM customers WHERE id = 1"], Cancel)).EnsureSuccess();
        shown.StandardOutput.Trim().ShouldStartWith("1|");
        shown.StandardOutput.ShouldNotContain(_ssn);
        shown.StandardOutput.Trim().ShouldEndWith(_card[^4..]);
        var copied = (await _psql.QueryAsync(_host.Url, [@"\copy (SELECT id, ssn, credit_card FROM customers ORDER BY id) TO STDOUT"], Cancel)).EnsureSuccess();
        copied.StandardOutput.Split('\n').Length.ShouldBeGreaterThan(100);
        copied.StandardOutput.ShouldNotContain(_ssn);
        copied.StandardOutput.ShouldNotContain(_card);
    }

    [Fact]
    public async Task Errors_and_notices_tell_no_masked_value()
    {
        await using var client = await _host.OpenRawAsync();
        foreach (var sql in new[]
        {
            "SELECT ssn::int FROM customers WHERE id = 1",
            "INSERT INTO customers SELECT * FROM customers WHERE id = 1",
            "DO $$ DECLARE s text; BEGIN SELECT ssn INTO s FROM customers WHERE id = 1; RAISE NOTICE '%', s; RAISE EXCEPTION '%', s; END $$",
        })
        {
            var messages = await client.Query(sql).RoundTripAsync();
            messages.Texts().ShouldContain(t => t.StartsWith("E:", StringComparison.Ordinal));
            ShouldHideValues(messages);
        }
    }

    [Theory]
    [InlineData("COPY (SELECT ssn FROM customers) TO STDOUT (DELIMITER 'é')")]
    [InlineData("COPY (SELECT ssn FROM customers) TO STDOUT (FORMAT csv, QUOTE 'é')")]
    [InlineData("COPY (SELECT ssn FROM customers) TO STDOUT (FORMAT csv, ESCAPE 'é')")]
    [InlineData("COPY (SELECT ssn FROM customers) TO STDOUT (DELIMITER 'ab')")]
    public async Task A_layout_that_cannot_be_masked_is_an_error_and_the_session_goes_on(string sql)
    {
        await using var client = await _host.OpenRawAsync();
        var messages = await client.Query(sql).RoundTripAsync();
        messages.Texts()[0].ShouldStartWith("E:");
        messages[^1].ToString().ShouldBe("Z:I");
        ShouldHideValues(messages);
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
    }

    private void ShouldHideValues(IEnumerable<RawMessage> messages)
    {
        foreach (var message in messages)
        {
            var text = System.Text.Encoding.Latin1.GetString(message.Body);
            text.ShouldNotContain(_ssn);
            text.ShouldNotContain(_card);
        }
    }
}
