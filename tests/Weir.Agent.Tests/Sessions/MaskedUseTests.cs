using Weir.Agent.Sessions;
using Weir.Agent.Sessions.Judging;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Contracts.Agent.V1;
using Weir.Protocol.Postgres;

namespace Weir.Agent.Tests.Sessions;

public sealed class MaskedUseTests(SampleServer server)
{
    private static TestPolicy Policy(string? use = null, string unprovable = "mask", string access = "write")
    {
        var given = use is null ? "" : $"\"use\":\"{use}\",";
        return TestPolicy.Open(access).Add("MaskingRule", "ssn", $$$"""{{{{given}}}"columns":["*.*.ssn"],"mask":{"partial":{"keepLast":4} },"unprovable":"{{{unprovable}}}"}""");
    }

    [Fact]
    public async Task A_definition_that_was_changed_a_moment_ago_is_the_one_that_counts()
    {
        await using var host = await SessionHost.StartAsync(server, Policy("allow", access: "admin"));
        await using var client = await host.OpenRawAsync();
        var secret = await server.AskAsync("SELECT ssn FROM customers WHERE id = 1");
        for (var i = 0; i < 25; i++)
        {
            await client.Query($"CREATE FUNCTION moment{i}() RETURNS text LANGUAGE sql AS 'SELECT ''x''::text'").RoundTripAsync();
            await client.Query($"CREATE OR REPLACE FUNCTION moment{i}() RETURNS text LANGUAGE sql AS 'SELECT ssn::text FROM customers WHERE id = 1'").RoundTripAsync();
            var answer = await client.Query($"SELECT moment{i}()").RoundTripAsync();
            string.Join(' ', answer.Texts()).ShouldNotContain(secret!);
            await client.Query($"DROP FUNCTION moment{i}()").RoundTripAsync();
        }
    }

    [Theory]
    [InlineData("SELECT pg_try_advisory_lock(substr(ssn, 8)::bigint) FROM customers")]
    [InlineData("SELECT set_config('my.own', ssn, false) FROM customers")]
    [InlineData("SELECT pg_notify('a', ssn) FROM customers")]
    [InlineData("SELECT lo_from_bytea(0, ssn::bytea) FROM customers")]
    public async Task No_value_is_kept_elsewhere_while_definitions_are_uncertain(string sql)
    {
        await using var host = await SessionHost.StartAsync(server, Policy("allow", access: "admin"));
        await using var client = await host.OpenRawAsync();
        await client.Query("BEGIN").Query("CREATE TABLE uncertain (id int)").RoundTripAsync(2);

        (await client.Query(sql).RoundTripAsync()).Error().Diagnostic.SqlState.ShouldBe("42501");
        await client.Query("ROLLBACK").RoundTripAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("deny")]
    public async Task What_fails_or_is_NULL_by_a_masked_value_is_refused_and_what_is_only_shown_is_masked(string? use)
    {
        await using var host = await SessionHost.StartAsync(server, Policy(use));
        await using var client = await host.OpenRawAsync();

        foreach (var sql in (string[])["SELECT nullif(left(ssn, 1), '8') FROM customers", "SELECT 1 / (ascii(ssn) - 56) FROM customers", "SELECT pg_sleep(ascii(ssn)) FROM customers", "SELECT id FROM customers LIMIT (SELECT ascii(ssn) FROM customers LIMIT 1)"])
            (await client.Query(sql).RoundTripAsync()).Error().Diagnostic.SqlState.ShouldBe("42501", sql);
        foreach (var sql in (string[])["SELECT upper(ssn), left(ssn, 3), ssn || '-', ssn IS NULL FROM customers", "SELECT row_to_json(c) FROM customers c"])
            (await client.Query(sql).RoundTripAsync()).ShouldNotContain(m => m.Type == BackendMessageType.ErrorResponse, sql);
    }

    [Theory]
    [InlineData("SELECT array_fill(1, ARRAY[1], ARRAY[length(ssn) * 7019]) FROM customers WHERE id = 1", "77209")]
    [InlineData("SELECT ('[' || length(ssn) * 7019 || ':' || length(ssn) * 7019 || ']={1}')::int[] FROM customers WHERE id = 1", "77209")]
    public async Task Bounds_of_an_array_show_no_value(string sql, string shown)
    {
        await using var host = await SessionHost.StartAsync(server, Policy("allow"));
        await using var client = await host.OpenRawAsync();

        var answer = await client.Query(sql).RoundTripAsync();

        answer.ShouldNotContain(m => m.Type == BackendMessageType.ErrorResponse);
        string.Join(' ', answer.Texts()).ShouldNotContain(shown);
    }

    [Theory]
    [InlineData("UPDATE customers SET ssn = '*******1234' WHERE id = 1")]
    [InlineData("UPDATE customers SET ssn = '*****' WHERE id = 1")]
    [InlineData("UPDATE customers SET city = 'x', ssn = E'*******1234' WHERE id = 1")]
    [InlineData("UPDATE customers SET ssn = $a$*******1234$a$ WHERE id = 1")]
    [InlineData("INSERT INTO customers (full_name, email, phone, ssn, credit_card, date_of_birth, street, city, state, postal_code) VALUES ('a', 'b', 'c', '*******1234', 'd', '2000-01-01', 'e', 'f', 'GA', 'h')")]
    public async Task A_mask_is_not_written_back_over_the_value(string sql)
    {
        await using var host = await SessionHost.StartAsync(server, Policy());
        await using var client = await host.OpenRawAsync();

        var error = (await client.Query(sql).RoundTripAsync()).Error().Diagnostic;

        error.SqlState.ShouldBe("42501");
        error.Message.ShouldContain("customers.ssn");
        error.Hint.ShouldNotBeNull().ShouldContain("Leave the column out");
    }

    [Fact]
    public async Task A_mask_in_a_parameter_is_not_written_back_and_a_real_value_is()
    {
        await using var host = await SessionHost.StartAsync(server, Policy());
        await using var client = await host.OpenRawAsync();
        client.Query("BEGIN");
        await client.RoundTripAsync();

        (await client.Parse("", "UPDATE customers SET ssn = $1 WHERE id = 1").Bind("", "", "123-45-6789").Execute().Sync().RoundTripAsync()).Texts().ShouldContain("C:UPDATE 1");
        (await client.Parse("", "UPDATE customers SET ssn = $1 WHERE id = 1").Bind("", "", "*******6789").Execute().Sync().RoundTripAsync()).Error().Diagnostic.SqlState.ShouldBe("42501");
        (await client.Query("ROLLBACK").RoundTripAsync()).Texts().ShouldContain("Z:I");
    }

    [Fact]
    public async Task Comparing_by_equality_is_open_but_bounded()
    {
        await using var host = await SessionHost.StartAsync(server, Policy());
        await using var client = await host.OpenRawAsync();
        var answered = 0;
        var refused = 0;
        for (var i = 0; i < 3 * GuessLimiter.People; i++)
        {
            var sql = $"SELECT id FROM customers WHERE ssn = '{i:000}-00-0000'";
            var messages = i % 2 == 0 ? await client.Query(sql).RoundTripAsync() : await client.Parse("", "SELECT id FROM customers WHERE ssn = $1").Bind("", "", $"{i:000}-00-0000").Execute().Sync().RoundTripAsync();
            if (messages.All(m => m.Type != BackendMessageType.ErrorResponse))
                answered++;
            else
                refused += messages.Error().Diagnostic.SqlState == "53400" ? 1 : 0;
        }

        // Two minutes at most went by.
        answered.ShouldBeInRange(1, 2 * GuessLimiter.People);
        (answered + refused).ShouldBe(3 * GuessLimiter.People);
        (await client.Query("SELECT id FROM customers WHERE id = 1").RoundTripAsync()).Texts().ShouldContain("D:1");
    }

    [Theory]
    [InlineData("SELECT id FROM customers WHERE ssn LIKE '1%'")]
    [InlineData("SELECT id FROM customers WHERE ssn IN ('1', '2')")]
    [InlineData("SELECT id FROM customers ORDER BY ssn")]
    [InlineData("SELECT count(*) FROM customers GROUP BY ssn")]
    [InlineData("SELECT id FROM customers WHERE ssn = '1' OR ssn = '2'")]
    [InlineData("SELECT c.id FROM customers c JOIN (VALUES ('1')) v(x) ON c.ssn = v.x")]
    public async Task People_may_compare_by_equality_only(string sql)
    {
        await using var host = await SessionHost.StartAsync(server, Policy());
        await using var client = await host.OpenRawAsync();

        (await client.Query(sql).RoundTripAsync()).Error().Diagnostic.SqlState.ShouldBe("42501");
        (await client.Query("SELECT id FROM customers WHERE ssn = '1'").RoundTripAsync()).Texts().ShouldContain("C:SELECT 0");
    }

    [Fact]
    public async Task AI_agents_may_not_compare_at_all()
    {
        await using var host = await SessionHost.StartAsync(server, Policy());
        host.Give(host.CredentialOf("cred_robot", "robots-secret", kind: PrincipalKind.AiAgent));
        await using var client = await host.OpenRawAsync("cred_robot", "robots-secret");

        (await client.Query("SELECT id FROM customers WHERE ssn = '1'").RoundTripAsync()).Error().Diagnostic.SqlState.ShouldBe("42501");
        (await client.Query("SELECT id FROM customers WHERE id = 1").RoundTripAsync()).Texts().ShouldContain("D:1");
    }

    [Theory]
    [InlineData("SELECT query_to_xml('SELECT ssn FROM customers', true, false, '')")]
    [InlineData("SELECT most_common_vals FROM pg_stats WHERE tablename = 'customers'")]
    public async Task What_cannot_be_proved_is_refused_where_the_rule_says_so(string sql)
    {
        await using var host = await SessionHost.StartAsync(server, Policy(unprovable: "deny", access: "admin"));
        await using var client = await host.OpenRawAsync();

        (await client.Query(sql).RoundTripAsync()).Error().Diagnostic.SqlState.ShouldBe("42501");
    }

    [Theory]
    [InlineData("SELECT ssn::int FROM customers WHERE id = 1", "22P02")]
    [InlineData("SELECT chr(replace(ssn, '-', '')::bigint::int) FROM customers WHERE id = 1", "54000")]
    [InlineData("SELECT ('a.' || ssn || '.b.c')::regclass FROM customers WHERE id = 1", "42602")]
    [InlineData("UPDATE customers SET email = (SELECT email FROM customers WHERE id = 2) WHERE id = 1", "23505")]
    public async Task Errors_come_without_the_values_that_caused_them(string sql, string state)
    {
        var ssn = (await server.AskAsync("SELECT ssn FROM customers WHERE id = 1"))!;
        var mail = (await server.AskAsync("SELECT email FROM customers WHERE id = 2"))!;
        await using var host = await SessionHost.StartAsync(server, Policy(use: "allow"));
        await using var client = await host.OpenRawAsync();

        var messages = await client.Query(sql).RoundTripAsync();

        var error = messages.Error();
        (error.Diagnostic.SqlState == state || error.Diagnostic.SqlState[0] is '2' or '4' or '5').ShouldBeTrue(error.ToString());
        var text = System.Text.Encoding.UTF8.GetString(error.Body);
        text.ShouldNotContain(ssn);
        text.ShouldNotContain(ssn.Replace("-", "", StringComparison.Ordinal));
        text.ShouldNotContain(mail);
    }

    private const string Keys = """
        DROP TABLE IF EXISTS probed_visit; DROP TABLE IF EXISTS probed; DROP TABLE IF EXISTS probed_parts;
        CREATE TABLE probed (id int PRIMARY KEY, token uuid UNIQUE DEFAULT gen_random_uuid(), mail text, plain text UNIQUE);
        CREATE UNIQUE INDEX ON probed (lower(mail));
        CREATE TABLE probed_visit (id int PRIMARY KEY, token uuid REFERENCES probed (token));
        CREATE TABLE probed_parts (mail text, v int) PARTITION BY LIST (mail);
        CREATE TABLE probed_parts_a PARTITION OF probed_parts FOR VALUES IN ('ada@example.com');
        INSERT INTO probed VALUES (1, '11111111-1111-4111-8111-111111111111', 'ada@example.com', 'p');
        INSERT INTO probed_parts VALUES ('ada@example.com', 1);
        ALTER TABLE probed OWNER TO orders_app; ALTER TABLE probed_visit OWNER TO orders_app; ALTER TABLE probed_parts OWNER TO orders_app; ALTER TABLE probed_parts_a OWNER TO orders_app;
        """;

    private static TestPolicy KeysPolicy(string use) =>
        TestPolicy.Open("admin").Add("MaskingRule", "keys", $$$"""{"columns":["*.probed.token","*.probed.mail","*.probed_parts.mail"],"mask":"redact","use":"{{{use}}}"}""");

    [Theory]
    [InlineData("INSERT INTO probed (id, mail) VALUES (2, 'ADA@example.com')", "23505")]
    [InlineData("INSERT INTO probed (id, mail) VALUES (2, 'new@example.com')", null)]
    [InlineData("INSERT INTO probed (id, mail) VALUES (2, 'ada@example.com') ON CONFLICT DO NOTHING", null)]
    [InlineData("INSERT INTO probed (id, mail) SELECT 2, 'ada@example.com' ON CONFLICT DO NOTHING", null)]
    [InlineData("INSERT INTO probed VALUES (1, '11111111-1111-4111-8111-111111111111') ON CONFLICT (token) DO UPDATE SET plain = 'q'", null)]
    [InlineData("UPDATE probed SET token = '11111111-1111-4111-8111-111111111112'", null)]
    [InlineData("MERGE INTO probed p USING (SELECT 9 AS id) s ON p.id = s.id WHEN NOT MATCHED THEN INSERT (id, mail) VALUES (9, 'ada@example.com')", "23505")]
    [InlineData("INSERT INTO probed_visit VALUES (1, '11111111-1111-4111-8111-111111111111')", null)]
    [InlineData("INSERT INTO probed_visit VALUES (1, '21111111-1111-4111-8111-111111111111')", "23503")]
    [InlineData("DELETE FROM probed_parts WHERE mail = 'ada@example.com'", null)]
    [InlineData("UPDATE probed_parts SET v = 2 WHERE mail = 'ada@example.com'", null)]
    public async Task Writing_a_value_that_must_be_unique_or_must_exist_is_a_guess(string sql, string? state)
    {
        await server.ExecuteAsync(Keys);
        await using var host = await SessionHost.StartAsync(server, KeysPolicy("equality-only"));
        await using var client = await host.OpenRawAsync();
        async Task<List<RawMessage>> TryAsync(string text) => await client.Query("BEGIN").Query(text).Query("ROLLBACK").RoundTripAsync(3);

        var first = await TryAsync(sql);
        var refused = 0;
        for (var i = 0; i < 2 * GuessLimiter.People; i++)
            refused += (await TryAsync(sql)).Any(m => m.Type == BackendMessageType.ErrorResponse && m.Diagnostic.SqlState == "53400") ? 1 : 0;
        host.Use(KeysPolicy("deny"));
        var denied = await TryAsync(sql);

        first.Where(m => m.Type == BackendMessageType.ErrorResponse).Select(m => m.Diagnostic.SqlState).FirstOrDefault().ShouldBe(state);
        refused.ShouldBeGreaterThan(0, sql);
        denied.Error().Diagnostic.SqlState.ShouldBe("42501");
    }

    [Theory]
    [InlineData("INSERT INTO probed (id, mail) VALUES (2, 'a'), (3, 'b') ON CONFLICT DO NOTHING")]
    [InlineData("INSERT INTO probed (id, mail) SELECT 10 + id, 'x' FROM probed_visit ON CONFLICT DO NOTHING")]
    [InlineData("DELETE FROM probed_parts WHERE mail > 'a'")]
    [InlineData("SELECT count(*) FROM probed WHERE mail LIKE 'a%'")]
    public async Task A_list_of_guesses_in_one_statement_is_refused(string sql)
    {
        await server.ExecuteAsync(Keys);
        await using var host = await SessionHost.StartAsync(server, KeysPolicy("equality-only"));
        await using var client = await host.OpenRawAsync();

        (await client.Query(sql).RoundTripAsync()).Error().Diagnostic.SqlState.ShouldBe("42501");
    }

    [Theory]
    [InlineData("INSERT INTO probed (id, plain) VALUES (2, 'x')")]
    [InlineData("INSERT INTO probed (id, token, mail) VALUES (2, DEFAULT, NULL), (3, gen_random_uuid(), NULL) ON CONFLICT DO NOTHING")]
    [InlineData("UPDATE probed SET plain = 'y' WHERE id = 1")]
    [InlineData("DELETE FROM probed_visit WHERE id = 1")]
    public async Task What_the_server_makes_up_is_no_guess(string sql)
    {
        await server.ExecuteAsync(Keys);
        await using var host = await SessionHost.StartAsync(server, KeysPolicy("deny"));
        await using var client = await host.OpenRawAsync();

        (await client.Query(sql).RoundTripAsync()).ShouldNotContain(m => m.Type == BackendMessageType.ErrorResponse);
    }

    [Fact]
    public async Task A_copy_into_a_unique_column_is_one_guess_and_the_error_shows_no_value()
    {
        await server.ExecuteAsync(Keys);
        await using var host = await SessionHost.StartAsync(server, KeysPolicy("equality-only"));
        await using var client = await host.OpenRawAsync();
        var states = new HashSet<string>();
        for (var i = 0; i < 2 * GuessLimiter.People; i++)
        {
            var messages = await client.Query("COPY probed (id, mail) FROM STDIN").Message('d', "7\tada@example.com\n"u8).Message('c', []).RoundTripAsync();
            var error = messages.Error();
            states.Add(error.Diagnostic.SqlState);
            System.Text.Encoding.UTF8.GetString(error.Body).ShouldNotContain("ada@example.com");
        }

        states.ShouldBe(["23505", "53400"], ignoreOrder: true);
    }
}
