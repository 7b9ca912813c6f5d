using System.Text.Json.Nodes;
using Npgsql;
using Weir.ControlPlane.Server.Tests.Support;
using Weir.Testing;
using Weir.Testing.Processes;

namespace Weir.ControlPlane.Server.Tests.Reviews;

/// <summary>
/// Held statements and the time-outs of real drivers. By default none gives up: Npgsql's 30 seconds begin anew with every message, so that what keeps the line warm keeps it
/// waiting; psycopg and pgjdbc have none. All give up when their program says so. <c>tests/compat/holds.sh</c> runs it; it needs those drivers, and takes most of a minute.
/// </summary>
public sealed class DriverTimeouts(ControlPlaneServer server)
{
    private const int Default = 30;
    private static readonly TimeSpan LongerThanDefault = TimeSpan.FromSeconds(Default + 5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task A_statement_that_timed_out_while_it_was_held_comes_back_and_passes_once()
    {
        await using var agent = await AgentFixture.StartAsync(server);
        using var reviewer = server.Client(server.Tokens["dba@weir.example"]);
        await using var waiting = await agent.OpenAsync();
        await using var connection = await agent.OpenAsync();
        var (user, password) = await agent.IssueAsync();
        await using var psycopg = BackgroundProcess.Start(
            "/usr/bin/python3", [RepositoryRoot.Combine("tests/compat/clients/holds.py"), $"host=127.0.0.1 port={agent.Port} dbname={agent.Name} user={user} password={password} sslmode=disable", "11", "12"]);
        await using var pgjdbc = BackgroundProcess.Start(
            "java",
            ["-cp", "/usr/share/java/postgresql.jar", RepositoryRoot.Combine("tests/compat/clients/Holds.java"), $"jdbc:postgresql://127.0.0.1:{agent.Port}/{agent.Name}?sslmode=disable", user, password, "21", "22"]);
        BackgroundProcess[] programs = [psycopg, pgjdbc];

        var patient = DeleteAsync(waiting, 1, Default);
        (await Should.ThrowAsync<NpgsqlException>(() => DeleteAsync(connection, 2, 5))).InnerException.ShouldBeOfType<TimeoutException>();
        foreach (var program in programs)
        {
            (await program.WaitForLineAsync(l => l.StartsWith("first:", StringComparison.Ordinal), Patience, Cancellation)).ShouldBe("first: timed out");
        }

        // Whoever waits with the defaults does so still when the only one of them is over, and is let go by its approval.
        await Should.ThrowAsync<TimeoutException>(() => patient.WaitAsync(LongerThanDefault, Cancellation));
        var open = await OpenAsync(agent, reviewer);
        open.Keys.ShouldBe([1, 2, 11, 12, 21, 22], ignoreOrder: true);
        foreach (var review in open.Values)
        {
            (await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Post, $"/api/v1/reviews/{review}/approve", new JsonObject())).Status.ShouldBe(200);
        }

        (await patient).ShouldBe(1);
        (await DeleteAsync(connection, 2, 5)).ShouldBe(1);
        foreach (var program in programs)
        {
            await program.StandardInput.WriteLineAsync();
            await program.StandardInput.FlushAsync(Cancellation);
            (await program.WaitForLineAsync(l => l.StartsWith("back:", StringComparison.Ordinal), Patience, Cancellation)).ShouldBe("back: passed 1", program.Output);
            (await program.WaitForLineAsync(l => l.StartsWith("again:", StringComparison.Ordinal), Patience, Cancellation)).ShouldBe("again: timed out", program.Output);
            (await program.WaitForLineAsync(l => l.StartsWith("patient:", StringComparison.Ordinal), Patience, Cancellation)).ShouldBe("patient: passed 1", program.Output);
        }

        // Once: each is asked about anew.
        var again = DeleteAsync(connection, 2, Default);
        var asked = await Eventually.GetAsync(async () => (await OpenAsync(agent, reviewer)) is { Count: 3 } all ? all : null, Patience, "each is asked about anew", Cancellation);
        asked.Keys.ShouldBe([2, 12, 22], ignoreOrder: true);
        await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Post, $"/api/v1/reviews/{asked[2]}/reject", new JsonObject());
        await Should.ThrowAsync<PostgresException>(() => again);
    }

    /// <summary>Open reviews by the row that their statement deletes.</summary>
    private static async Task<Dictionary<int, string>> OpenAsync(AgentFixture agent, HttpClient reviewer) =>
        (await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Get, "/api/v1/reviews?limit=200")).Body!["items"]!.AsArray()
            .Where(r => r!["connection"]!.ToString() == agent.Name)
            .ToDictionary(r => int.Parse(r!["statement"]!.ToString().Split('=')[1], System.Globalization.CultureInfo.InvariantCulture), r => r!["id"]!.ToString());

    private static async Task<int> DeleteAsync(NpgsqlConnection connection, int row, int timeout)
    {
        await using var command = new NpgsqlCommand($"DELETE FROM things WHERE id = {row}", connection) { CommandTimeout = timeout };
        return await command.ExecuteNonQueryAsync(Cancellation);
    }
}
