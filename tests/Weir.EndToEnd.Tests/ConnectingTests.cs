using Npgsql;
using Weir.EndToEnd.Tests.Support;
using Weir.Testing;

namespace Weir.EndToEnd.Tests;

/// <summary>Both roads behave like any PostgreSQL.</summary>
public sealed class ConnectingTests(Quickstart weir)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Url(string road) => road == "direct" ? weir.DirectUrl : weir.RelayUrl;

    [Theory]
    [InlineData("direct")]
    [InlineData("relay")]
    public async Task Psql_runs_statements_transactions_and_meta_commands(string road)
    {
        var result = await weir.Psql.ScriptAsync(
            Url(road),
            """
            SELECT 1 + 1 AS two;
            BEGIN;
            SELECT count(*) > 1000 AS many FROM orders;
            ROLLBACK;
            \d orders
            SELECT 1 / 0;
            SELECT 'still here' AS state;
            """,
            Cancellation);

        result.Output.ShouldContain("two");
        result.Output.ShouldContain("customer_id");
        result.Output.ShouldContain("22012");
        result.Output.ShouldContain("still here");
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("relay")]
    public async Task Clients_verify_the_certificate_against_the_authority_file(string road)
    {
        var separator = Url(road).Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var result = await weir.Psql.QueryAsync($"{Url(road)}{separator}sslmode=verify-full&sslrootcert={weir.Settings["WEIR_CA_FILE"]}", ["SELECT 'encrypted'"], Cancellation);

        result.EnsureSuccess().StandardOutput.Trim().ShouldBe("encrypted");
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("relay")]
    public async Task Copy_out_through_psql_gives_masked_rows(string road)
    {
        var result = await weir.Psql.ScriptAsync(Url(road), @"\copy (SELECT id, ssn FROM customers ORDER BY id LIMIT 5) TO STDOUT", Cancellation);
        var secret = await weir.UpstreamAsync<string>("SELECT ssn FROM customers ORDER BY id LIMIT 1");

        result.StandardOutput.ShouldNotContain(secret!);
        result.StandardOutput.Split('\n').Count(line => line.Contains('\t')).ShouldBe(5);
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("relay")]
    public async Task Cancelling_ends_the_running_statement_and_not_the_session(string road)
    {
        await using var connection = await Quickstart.OpenAsync(Url(road));
        var marker = $"slow-{Guid.NewGuid():N}";
        await using var slow = new NpgsqlCommand($"SELECT count(*) /* {marker} */ FROM orders a, orders b, orders c WHERE a.amount + b.amount > c.amount", connection);
        var running = slow.ExecuteScalarAsync(Cancellation);
        await Eventually.HoldsAsync(
            async () => await weir.UpstreamAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%{marker}%' AND pid <> pg_backend_pid()") > 0,
            TimeSpan.FromSeconds(10),
            "the statement runs",
            Cancellation);

        await Task.Run(slow.Cancel, Cancellation);
        // Npgsql wraps what the server answers to a cancel of its own.
        var cancelled = await Record.ExceptionAsync(() => running);
        var answer = cancelled as PostgresException ?? cancelled?.InnerException as PostgresException;
        answer.ShouldNotBeNull($"{cancelled}");
        answer.SqlState.ShouldBe("57014");
        await using var next = new NpgsqlCommand("SELECT 1", connection);
        (await next.ExecuteScalarAsync(Cancellation)).ShouldBe(1);
    }

    [Fact]
    public async Task A_wrong_secret_and_an_unknown_credential_can_not_be_told_apart()
    {
        var address = new Uri(weir.DirectUrl);
        var id = address.UserInfo.Split(':')[0];
        var wrong = await weir.Psql.QueryAsync(weir.DirectUrl.Replace(address.UserInfo, $"{id}:wrong", StringComparison.Ordinal), ["SELECT 1"], Cancellation);
        var unknown = await weir.Psql.QueryAsync(weir.DirectUrl.Replace(address.UserInfo, "w_nobody:wrong", StringComparison.Ordinal), ["SELECT 1"], Cancellation);

        wrong.ExitCode.ShouldNotBe(0);
        wrong.StandardError.Replace(id, "X", StringComparison.Ordinal).ShouldBe(unknown.StandardError.Replace("w_nobody", "X", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_database_sees_who_it_is_whatever_the_client_says()
    {
        await using var connection = await Quickstart.OpenAsync(weir.DirectUrl, b => b.ApplicationName = "somebody else");
        await using (var set = new NpgsqlCommand("SET application_name = 'again somebody else'", connection))
        {
            try
            {
                await set.ExecuteNonQueryAsync(Cancellation);
            }
            catch (PostgresException)
            {
                // Refused or ignored: both keep the name true.
            }
        }

        var names = await weir.UpstreamAsync<string>("SELECT string_agg(application_name, '|') FROM pg_stat_activity WHERE datname = 'orders' AND pid <> pg_backend_pid()");
        names!.ShouldContain("dev@weir.example");
        names!.ShouldNotContain("somebody else");
    }

    [Fact]
    public async Task Clients_that_stop_reading_do_not_stop_the_others_of_the_relay()
    {
        var stalled = new List<NpgsqlConnection>();
        try
        {
            // More than all windows on the way can hold, and nobody reads it.
            for (var i = 0; i < 4; i++)
            {
                var connection = await Quickstart.OpenAsync(weir.RelayUrl);
                stalled.Add(connection);
                var command = new NpgsqlCommand("SELECT repeat('x', 1000) FROM generate_series(1, 200000)", connection);
                await command.ExecuteReaderAsync(Cancellation);
            }

            await using var lively = await Quickstart.OpenAsync(weir.RelayUrl);
            await using var query = new NpgsqlCommand("SELECT repeat('y', 1000) FROM generate_series(1, 5000)", lively);
            var rows = 0;
            await using var reader = await query.ExecuteReaderAsync(Cancellation);
            while (await reader.ReadAsync(Cancellation))
            {
                rows++;
            }

            rows.ShouldBe(5000);
        }
        finally
        {
            // Disposing would read the rest; a client that is gone does not.
            foreach (var connection in stalled)
            {
                NpgsqlConnection.ClearPool(connection);
                await weir.UpstreamAsync<bool>("SELECT count(pg_terminate_backend(pid)) >= 0 FROM pg_stat_activity WHERE query LIKE '%repeat(''x'', 1000)%' AND pid <> pg_backend_pid()");
            }
        }
    }
}
