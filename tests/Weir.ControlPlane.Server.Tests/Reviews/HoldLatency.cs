using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Weir.ControlPlane.Server.Agents;
using Weir.ControlPlane.Server.Tests.Support;
using Weir.Testing;

namespace Weir.ControlPlane.Server.Tests.Reviews;

/// <summary>
/// How long it takes from a decision until held sessions go on: <c>tests/perf/hold.sh</c> prints it, and says in its head from when to when. Control plane, reviewers and
/// clients are in this process, agent and database in others, all on one machine and by its clock.
/// </summary>
public sealed class HoldLatency(ControlPlaneServer server, ITestOutputHelper output)
{
    private const int Sessions = 100;
    private const int Reviewers = 8;
    private const int Echoes = 500;
    private const double Allowance = 10;

    private int _shapes;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static int Rounds => int.Parse(Environment.GetEnvironmentVariable("WEIR_HOLD_ROUNDS") ?? "5", CultureInfo.InvariantCulture);

    [Fact(Explicit = true)]
    public async Task Print()
    {
        await using var agent = await AgentFixture.StartAsync(server);
        using var reviewer = server.Client(server.Tokens["dba@weir.example"]);
        var pool = new List<NpgsqlConnection>();
        for (var i = 0; i < Sessions; i++)
        {
            pool.Add(await agent.OpenAsync());
        }

        var forms = new (string Name, Func<IReadOnlyList<Held>, Task> Decide)[]
        {
            ("one after another", One), ($"all at once, by {Reviewers} reviewers", Burst), ("all by one approval of their shape", Window),
        };
        foreach (var (_, decide) in forms)
        {
            await RoundAsync(agent, reviewer, pool, decide, []);
        }

        var echoes = await EchoAsync();
        var bar = (2 * Quantile(echoes, 0.5)) + Allowance;
        output.WriteLine($"{Sessions} held sessions, {Rounds} rounds; ms");
        output.WriteLine($"round trip of the stream: p50 {Ms(Quantile(echoes, 0.5))}, p99 {Ms(Quantile(echoes, 0.99))}; two and {Allowance:0} ms are the bar: {Ms(bar)}");
        output.WriteLine("| decided | resumed p50 | p90 | **p99** | max | within the bar | answered p99 | resumed p99 from the reviewer's request |");
        output.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var (name, decide) in forms)
        {
            var times = new List<Times>();
            for (var round = 0; round < Rounds; round++)
            {
                await RoundAsync(agent, reviewer, pool, decide, times);
            }

            var resumed = times.ConvertAll(t => (t.Resumed - t.Decided).TotalMilliseconds);
            output.WriteLine(
                $"| {name} | {Of(resumed, 0.5)} | {Of(resumed, 0.9)} | **{Of(resumed, 0.99)}** | {Of(resumed, 1)} | {100.0 * resumed.Count(r => r <= bar) / resumed.Count:0.0} % "
                + $"| {Of(times.ConvertAll(t => (t.Answered - t.Decided).TotalMilliseconds), 0.99)} | {Of(times.ConvertAll(t => (t.Resumed - t.Asked).TotalMilliseconds), 0.99)} |");
        }

        foreach (var connection in pool)
        {
            await connection.DisposeAsync();
        }

        async Task One(IReadOnlyList<Held> held)
        {
            foreach (var one in held)
            {
                await ApproveAsync(reviewer, one, null);
                await one.Answer;
            }
        }

        Task Burst(IReadOnlyList<Held> held) => Parallel.ForEachAsync(
            held, new ParallelOptions { MaxDegreeOfParallelism = Reviewers, CancellationToken = Cancellation }, async (one, _) => await ApproveAsync(reviewer, one, null));

        async Task Window(IReadOnlyList<Held> held)
        {
            await ApproveAsync(reviewer, held[0], "1m");
            foreach (var one in held)
            {
                (one.Asked, one.DecidedBy) = (held[0].Asked, held[0].Review);
            }

            await Task.WhenAll(held.Select(h => h.Answer));
            await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Post, $"/api/v1/reviews/{held[0].Review}/withdraw");
        }
    }

    private async Task RoundAsync(AgentFixture agent, HttpClient reviewer, List<NpgsqlConnection> pool, Func<IReadOnlyList<Held>, Task> decide, List<Times> times)
    {
        await server.Postgres.ExecuteAsync(agent.Name, $"INSERT INTO things SELECT n, 'again' FROM generate_series(1, {Sessions}) n ON CONFLICT DO NOTHING", Cancellation);
        var held = await HoldAsync(agent, reviewer, pool, $"t{++_shapes}");
        await decide(held);
        foreach (var one in held)
        {
            var (resumed, answered) = await one.Answer;
            times.Add(new(one.Asked, await DecidedAsync(one.DecidedBy), resumed, answered));
        }
    }

    /// <summary>When the database committed the decision, by its own word.</summary>
    private async Task<DateTime> DecidedAsync(Guid review)
    {
        await using var connection = new NpgsqlConnection(server.Postgres.ConnectionString("weir"));
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand("SELECT pg_xact_commit_timestamp(xmin) FROM audit_events WHERE action = 'review.approve' AND target_id = $1", connection)
        {
            Parameters = { new() { Value = review.ToString() } },
        };
        return (DateTime)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private async Task<List<double>> EchoAsync()
    {
        var connection = server.Services.GetRequiredService<AgentConnections>().All.ShouldHaveSingleItem();
        var times = new List<double>();
        for (var i = 0; i < Echoes; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await connection.EchoAsync(Cancellation);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return times;
    }

    private static double Quantile(List<double> values, double quantile)
    {
        values.Sort();
        return values[Math.Min(values.Count - 1, (int)Math.Ceiling(quantile * values.Count) - 1)];
    }

    private static string Of(List<double> values, double quantile) => Ms(Quantile(values, quantile));

    private static string Ms(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>Every session sends a statement that is held; the statements differ in a constant.</summary>
    /// <param name="alias">Makes another shape of it in each round.</param>
    private static async Task<IReadOnlyList<Held>> HoldAsync(AgentFixture agent, HttpClient reviewer, List<NpgsqlConnection> pool, string alias)
    {
        var answers = pool.Select((c, i) => (Id: i + 1, Answer: DeleteAsync(c, alias, i + 1))).ToDictionary(a => a.Id, a => a.Answer);
        var open = await Eventually.GetAsync(
            async () => (await OpenAsync(agent, reviewer)) is { Count: Sessions } all ? all : null, TimeSpan.FromSeconds(60), "all are held", Cancellation);
        return [.. open.Select(r => new Held(Guid.Parse(r["id"]!.ToString()), answers[int.Parse(r["statement"]!.ToString().Split(['=', ' '], StringSplitOptions.RemoveEmptyEntries)[7], CultureInfo.InvariantCulture)]))];
    }

    private static async Task<List<JsonNode>> OpenAsync(AgentFixture agent, HttpClient reviewer) =>
        [.. (await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Get, "/api/v1/reviews?limit=200")).Body!["items"]!.AsArray().OfType<JsonNode>().Where(r => r["connection"]!.ToString() == agent.Name)];

    private static async Task ApproveAsync(HttpClient reviewer, Held held, string? window)
    {
        held.Asked = DateTime.UtcNow;
        var (status, answer) = await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Post, $"/api/v1/reviews/{held.Review}/approve", window is null ? new JsonObject() : new JsonObject { ["window"] = window });
        status.ShouldBe(200, answer?.ToJsonString());
    }

    /// <summary>When the database received the statement, by its own word, and when the client had its answer.</summary>
    private static async Task<(DateTime Resumed, DateTime Answered)> DeleteAsync(NpgsqlConnection connection, string alias, int id)
    {
        await using var command = new NpgsqlCommand($"DELETE FROM things AS {alias} WHERE {alias}.id = {id} RETURNING statement_timestamp()", connection) { CommandTimeout = 120 };
        var resumed = (DateTime)(await command.ExecuteScalarAsync(Cancellation))!;
        return (resumed, DateTime.UtcNow);
    }

    private sealed record Times(DateTime Asked, DateTime Decided, DateTime Resumed, DateTime Answered);

    private sealed class Held(Guid review, Task<(DateTime Resumed, DateTime Answered)> answer)
    {
        public Guid Review { get; } = review;

        public Task<(DateTime Resumed, DateTime Answered)> Answer { get; } = answer;

        public Guid DecidedBy { get; set; } = review;

        public DateTime Asked { get; set; }
    }
}
