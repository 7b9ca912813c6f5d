using System.Buffers.Binary;
using System.Globalization;
using Weir.Agent.Tests.Sessions.Support;

namespace Weir.Agent.Tests.Sessions;

/// <summary>FunctionCall, the protocol's fast path: as a SELECT of the same function, but for the form of the answer.</summary>
public sealed class FunctionCallTests(SampleServer server) : IAsyncLifetime
{
    private const uint Reverse = 3062;
    private const string Schema = "called";

    public async ValueTask InitializeAsync()
    {
        await server.ServerAsync();
        await server.ExecuteAsync($"""
            DROP SCHEMA IF EXISTS {Schema} CASCADE;
            CREATE SCHEMA {Schema} AUTHORIZATION {SampleServer.Owner};
            CREATE FUNCTION {Schema}.told(bigint) RETURNS text LANGUAGE sql STABLE AS 'SELECT ssn FROM public.customers WHERE id = $1';
            CREATE FUNCTION {Schema}.purge() RETURNS int LANGUAGE sql AS 'DELETE FROM public.orders WHERE id < 0; SELECT 1';
            GRANT USAGE ON SCHEMA {Schema} TO PUBLIC;
            """);
    }

    public async ValueTask DisposeAsync() => await server.ExecuteAsync($"DROP SCHEMA {Schema} CASCADE");

    [Fact]
    public async Task Call_is_answered_and_recorded_with_its_arguments()
    {
        await using var host = await SessionHost.StartAsync(server);
        await using var client = await host.OpenRawAsync();

        (await client.Call(Reverse, "ABC").RoundTripAsync()).Texts().ShouldBe(["V:CBA", "Z:I"]);

        var (statement, finished) = (await host.StatementsAsync()).ShouldHaveSingleItem();
        statement.Text.ShouldBe("""SELECT "pg_catalog"."reverse"($1)""");
        statement.Parameters.ShouldHaveSingleItem().Value.ShouldBe("ABC");
        finished.Status.ShouldBe("ok");
        finished.Rows.ShouldBe(1);
    }

    [Fact]
    public async Task Result_is_masked_as_that_of_a_select()
    {
        await using var host = await SessionHost.StartAsync(server, TestPolicy.Sample("admin"));
        await using var client = await host.OpenRawAsync();
        var selected = (await client.Query($"SELECT {Schema}.told(1)").RoundTripAsync()).Texts().Single(t => t.StartsWith("D:", StringComparison.Ordinal))[2..];

        var called = (await client.Call(await OidAsync("told"), "1").RoundTripAsync()).Texts();

        called.ShouldBe(["V:" + selected, "Z:I"]);
        selected.ShouldNotBe(await server.AskAsync("SELECT ssn FROM customers WHERE id = 1"));
    }

    [Fact]
    public async Task Refused_call_leaves_the_session_as_it_was()
    {
        await using var host = await SessionHost.StartAsync(server, TestPolicy.Open("read"));
        await using var client = await host.OpenRawAsync();
        await client.Parse("", "SELECT 7").Sync().RoundTripAsync();

        (await client.Call(await OidAsync("purge")).RoundTripAsync()).Texts().ShouldBe(["E:42501", "Z:I"]);

        (await client.Bind("", "").Execute().Sync().RoundTripAsync()).Texts().ShouldContain("D:7");
        (await host.StatementsAsync()).ShouldContain(s => s.Statement.Text.Contains("\"purge\"()") && s.Finished.Status == "denied");
    }

    [Fact]
    public async Task Errors_come_as_from_the_server()
    {
        await using var host = await SessionHost.StartAsync(server);
        await using var client = await host.OpenRawAsync();

        (await client.Call(999_999, "x").RoundTripAsync()).Texts().ShouldBe(["E:42883", "Z:I"]);
        (await client.Call(Reverse).RoundTripAsync()).Texts().ShouldBe(["E:08P01", "Z:I"]);
        await client.Query("BEGIN").RoundTripAsync();
        await client.Query("SELECT 1/0").RoundTripAsync();
        (await client.Call(Reverse, "ABC").RoundTripAsync()).Texts().ShouldBe(["E:25P02", "Z:E"]);
        (await client.Call(999_999).RoundTripAsync()).Texts().ShouldBe(["E:25P02", "Z:E"]);
        await client.Query("ROLLBACK").RoundTripAsync();

        // Behind an error in a pipeline it is skipped; in front of one it stands for itself.
        (await client.Bind("", "none").Call(Reverse, "X").Sync().Call(Reverse, "ABC").RoundTripAsync(2)).Texts().ShouldBe(["E:26000", "Z:I", "V:CBA", "Z:I"]);
        (await client.Call(Reverse, "A").Query("SELECT 1").Call(Reverse, "B").RoundTripAsync(3)).Texts().ShouldBe(["V:A", "Z:I", "T", "D:1", "C:SELECT 1", "Z:I", "V:B", "Z:I"]);
    }

    [Fact]
    public async Task Null_in_and_out()
    {
        await using var host = await SessionHost.StartAsync(server);
        await using var client = await host.OpenRawAsync();
        byte[] body = [0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(body, Reverse);

        (await client.Message('F', body).RoundTripAsync()).Texts().ShouldBe(["V:NULL", "Z:I"]);
    }

    [Fact]
    public async Task Large_objects_are_written_and_read()
    {
        await using var host = await SessionHost.StartAsync(server, TestPolicy.Open("admin"));
        await using var client = await host.OpenRawAsync();
        await client.Query("BEGIN").RoundTripAsync();
        var oid = await CallAsync(957, "393216"); // lo_creat(INV_READ | INV_WRITE)
        var descriptor = await CallAsync(952, oid, "393216"); // lo_open
        (await CallAsync(955, descriptor, "\\x6869")).ShouldBe("2"); // lowrite
        (await CallAsync(956, descriptor, "0", "0")).ShouldBe("0"); // lo_lseek
        (await CallAsync(954, descriptor, "10")).ShouldBe("\\x6869"); // loread
        (await CallAsync(953, descriptor)).ShouldBe("0"); // lo_close
        (await CallAsync(964, oid)).ShouldBe("1"); // lo_unlink
        (await client.Query("COMMIT").RoundTripAsync()).Texts().ShouldBe(["C:COMMIT", "Z:I"]);

        async Task<string> CallAsync(uint function, params string[] arguments)
        {
            var answer = (await client.Call(function, arguments).RoundTripAsync()).Texts();
            answer[^1].ShouldBe("Z:T", string.Join(" ", answer));
            return answer[0][2..];
        }
    }

    [Fact]
    public async Task What_calls_return_counts_against_what_may_be_read()
    {
        await using var host = await SessionHost.StartAsync(server, TestPolicy.Open("admin").Budget("reads", """{"rowsRead":3,"per":"session"}"""));
        await using var client = await host.OpenRawAsync();
        (await client.Call(Reverse, "A").Call(Reverse, "B").RoundTripAsync(2)).Texts().ShouldBe(["V:A", "Z:I", "V:B", "Z:I"]);
        (await client.Query("SELECT 'C'").RoundTripAsync()).Texts()[1].ShouldBe("D:C");
        await client.Query("BEGIN").RoundTripAsync();
        var messages = await client.Call(Reverse, "D").RoundTripAsync();
        messages.Texts().ShouldBe(["E:54000", "Z:E"]);
        (await client.Call(Reverse, "E").RoundTripAsync()).Texts().ShouldBe(["E:25P02", "Z:E"]);
        messages[0].Diagnostic.Message.ShouldContain("more than 3 rows returned in this session");
        (await client.Query("ROLLBACK").RoundTripAsync()).Texts().ShouldBe(["C:ROLLBACK", "Z:I"]);
        (await client.Call(Reverse, "F").Query("SELECT 1").RoundTripAsync(2)).Texts().ShouldBe(["E:54000", "Z:I", "T", "E:54000", "Z:I"]);

        host.Use(TestPolicy.Open("admin").Budget("reads", """{"bytesRead":100,"per":"statement"}"""));
        await using var other = await host.OpenRawAsync();
        (await other.Call(Reverse, new string('x', 94)).RoundTripAsync()).Texts()[0].ShouldStartWith("V:xxx");
        (await other.Call(Reverse, new string('x', 95)).RoundTripAsync()).Texts().ShouldBe(["E:54000", "Z:I"]);
    }

    [Fact]
    public async Task Where_changes_are_counted_a_call_that_may_change_rows_is_refused_and_others_pass()
    {
        await using var host = await SessionHost.StartAsync(server, TestPolicy.Open("admin").Budget("changes", """{"rowsChanged":3,"per":"transaction"}"""));
        await using var client = await host.OpenRawAsync();
        (await client.Call(Reverse, "ABC").RoundTripAsync()).Texts().ShouldBe(["V:CBA", "Z:I"]);
        var messages = await client.Call(await OidAsync("purge")).RoundTripAsync();
        messages.Texts().ShouldBe(["E:0A000", "Z:I"]);
        messages[0].Diagnostic.Message.ShouldContain("may change rows");
        (await client.Query($"SELECT {Schema}.purge()").RoundTripAsync()).Texts()[1].ShouldBe("D:1");
    }

    private async Task<uint> OidAsync(string function) =>
        uint.Parse((await server.AskAsync($"SELECT oid::bigint FROM pg_proc WHERE proname = '{function}' AND pronamespace = '{Schema}'::regnamespace"))!, CultureInfo.InvariantCulture);
}
