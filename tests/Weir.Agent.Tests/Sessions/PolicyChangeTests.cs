using Npgsql;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Testing;

namespace Weir.Agent.Tests.Sessions;

public sealed class PolicyChangeTests(SampleServer server) : IAsyncLifetime
{
    private const string Sensitive = "SELECT ssn FROM customers WHERE id = 1";

    private SessionHost _host = null!;
    private string _ssn = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await SessionHost.StartAsync(server, TestPolicy.Open("admin"));
        _ssn = (await server.AskAsync(Sensitive))!;
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_next_statement_of_an_open_session_is_under_the_new_policy()
    {
        await using var client = await _host.OpenRawAsync();
        (await client.Query(Sensitive).RoundTripAsync()).Texts().ShouldContain($"D:{_ssn}");
        _host.Use(TestPolicy.Sample("admin"));
        (await client.Query(Sensitive).RoundTripAsync()).Texts().ShouldNotContain($"D:{_ssn}");
        _host.Use(TestPolicy.Open("admin"));
        (await client.Query(Sensitive).RoundTripAsync()).Texts().ShouldContain($"D:{_ssn}");
    }

    [Fact]
    public async Task A_statement_prepared_before_is_masked_after()
    {
        await using var client = await _host.OpenRawAsync();
        await client.Parse("s", Sensitive).DescribeStatement("s").Sync().RoundTripAsync();
        (await client.Bind("", "s").Execute().Sync().RoundTripAsync()).Texts().ShouldContain($"D:{_ssn}");
        await client.Query($"PREPARE q AS {Sensitive}").RoundTripAsync();
        (await client.Query("EXECUTE q").RoundTripAsync()).Texts().ShouldContain($"D:{_ssn}");
        _host.Use(TestPolicy.Sample("admin"));
        var messages = (await client.Bind("", "s").Execute().Sync().RoundTripAsync()).Texts();
        messages.Length.ShouldBe(4);
        messages.ShouldNotContain($"D:{_ssn}");
        messages = (await client.Query("EXECUTE q").RoundTripAsync()).Texts();
        messages.Length.ShouldBe(4);
        messages.ShouldNotContain($"D:{_ssn}");
    }

    [Fact]
    public async Task A_driver_that_keeps_its_statements_prepared_gets_masked_values_too()
    {
        await using var connection = await _host.OpenAsync("Max Auto Prepare=10;Auto Prepare Min Usages=1");
        for (var i = 0; i < 3; i++)
        {
            await using var command = new NpgsqlCommand(Sensitive, connection);
            (await command.ExecuteScalarAsync(Cancel)).ShouldBe(_ssn);
        }

        _host.Use(TestPolicy.Sample("admin"));
        for (var i = 0; i < 3; i++)
        {
            await using var command = new NpgsqlCommand(Sensitive, connection);
            (await command.ExecuteScalarAsync(Cancel)).ShouldNotBe(_ssn);
        }
    }

    [Fact]
    public async Task Tables_that_others_make_are_masked_as_soon_as_they_are_seen()
    {
        _host.Use(TestPolicy.Sample("admin"));
        await using var client = await _host.OpenRawAsync();
        await client.Query("SELECT 1").RoundTripAsync();
        await server.ExecuteAsync("CREATE TABLE fresh_people AS SELECT id, ssn FROM customers; ALTER TABLE fresh_people OWNER TO orders_app");
        try
        {
            // What no rule concerns is seen as it is, the first time it is asked for.
            (await client.Query("SELECT id FROM fresh_people WHERE id = 1").RoundTripAsync()).Texts().ShouldContain("D:1");
            (await client.Query("SELECT ssn FROM fresh_people WHERE id = 1").RoundTripAsync()).Texts().ShouldNotContain($"D:{_ssn}");
            (await client.Query("SELECT * FROM fresh_people WHERE id = 1").RoundTripAsync()).Texts().ShouldNotContain($"D:1,{_ssn}");
        }
        finally
        {
            await server.ExecuteAsync("DROP TABLE fresh_people");
        }
    }

    [Fact]
    public async Task A_search_path_of_its_own_does_not_lead_around_the_masks()
    {
        _host.Use(TestPolicy.Sample("admin"));
        await using var client = await _host.OpenRawAsync();
        await server.ExecuteAsync("CREATE SCHEMA elsewhere; CREATE VIEW elsewhere.people AS SELECT id, ssn AS harmless FROM public.customers; GRANT USAGE ON SCHEMA elsewhere TO orders_app; GRANT SELECT ON elsewhere.people TO orders_app");
        await client.Parse("s", "SELECT * FROM people WHERE id = 1").Sync().RoundTripAsync();
        (await client.Query("SET search_path = elsewhere").RoundTripAsync()).Texts().ShouldBe(["C:SET", "Z:I"]);
        var messages = await client.Query("SELECT harmless FROM people WHERE id = 1").RoundTripAsync();
        messages.Texts()[^2].ShouldBe("C:SELECT 1");
        messages.Texts().ShouldNotContain($"D:{_ssn}");
        messages = await client.Parse("", "SELECT harmless FROM people WHERE id = 1").Bind("", "").Execute().Sync().RoundTripAsync();
        messages.Texts()[^2].ShouldBe("C:SELECT 1");
        messages.Texts().ShouldNotContain($"D:{_ssn}");
        await server.ExecuteAsync("DROP SCHEMA elsewhere CASCADE");
    }

    [Fact]
    public async Task A_temporary_table_made_in_the_session_keeps_the_masks_of_what_went_into_it()
    {
        _host.Use(TestPolicy.Sample("admin"));
        await using var client = await _host.OpenRawAsync();
        foreach (var sql in new[]
        {
            "CREATE TEMP TABLE filled (i int, s text)", "INSERT INTO filled SELECT id, ssn FROM customers", "COPY filled TO STDOUT", "COPY (SELECT s FROM filled) TO STDOUT", "SELECT s FROM filled",
            "UPDATE filled SET s = (SELECT ssn FROM customers WHERE id = 1)", "COPY filled TO STDOUT", "COPY (SELECT s || 'x' FROM filled) TO STDOUT",
            "CREATE TEMP TABLE late (s text)", "WITH x AS (SELECT ssn FROM customers) INSERT INTO late TABLE x", "COPY late TO STDOUT",
            "DO $$ BEGIN INSERT INTO late SELECT ssn FROM customers; END $$", "COPY late TO STDOUT",
            "COPY mine TO STDOUT",
        })
        {
            foreach (var message in await client.Query(sql).RoundTripAsync())
                System.Text.Encoding.Latin1.GetString(message.Body).ShouldNotContain(_ssn, Case.Sensitive, sql);
        }

        foreach (var sql in new[] { "CREATE TEMP TABLE mine AS SELECT id, ssn AS other FROM customers", "SELECT other FROM mine WHERE id = 1", "SELECT * FROM mine WHERE id = 1", "TABLE mine", "COPY mine TO STDOUT" })
        {
            foreach (var message in await client.Query(sql).RoundTripAsync())
                System.Text.Encoding.Latin1.GetString(message.Body).ShouldNotContain(_ssn);
        }
    }
}
