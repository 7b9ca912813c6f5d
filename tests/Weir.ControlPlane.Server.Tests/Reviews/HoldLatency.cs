using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Server.Tests.Support;
using Weir.Testing;

namespace Weir.ControlPlane.Server.Tests.Reviews;

/// <summary>
/// How long it takes from a decision to the answer that the client has waited for, with many held sessions: <c>tests/perf/hold.sh</c> prints it. Control plane,
/// reviewers and clients are in this process, agent and database in others; the time at the database is part of it.
/// </summary>
public sealed class HoldLatency(ControlPlaneServer server, ITestOutputHelper output)
{
    private const int Sessions = 100;
    private const int Reviewers = 8;

    private readonly ConcurrentDictionary<Guid, long> _decidedAt = [];
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

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var following = FollowAsync(stop.Token);
        output.WriteLine($"{Sessions} held sessions, {Rounds} rounds; ms from the decision's commit to the client's answer");
        output.WriteLine("| decided | p50 | p90 | p99 | max | p99 from the reviewer's request |");
        output.WriteLine("|---|---|---|---|---|---|");
        await RoundAsync(agent, reviewer, pool, "warm-up", One, print: false);
        await RoundAsync(agent, reviewer, pool, "one after another", One, print: true);
        await RoundAsync(agent, reviewer, pool, $"all at once, by {Reviewers} reviewers", Burst, print: true);
        await RoundAsync(agent, reviewer, pool, "all by one approval of their shape", Window, print: true);
        await stop.CancelAsync();
        await following.ContinueWith(_ => { }, TaskScheduler.Default);
        foreach (var connection in pool)
        {
            await connection.DisposeAsync();
        }

        async Task One(IReadOnlyList<Held> held)
        {
            foreach (var one in held)
            {
                await ApproveAsync(reviewer, one, null);
                await one.Answered;
            }
        }

        Task Burst(IReadOnlyList<Held> held) => Parallel.ForEachAsync(
            held, new ParallelOptions { MaxDegreeOfParallelism = Reviewers, CancellationToken = Cancellation }, async (one, _) => await ApproveAsync(reviewer, one, null));

        async Task Window(IReadOnlyList<Held> held)
        {
            await ApproveAsync(reviewer, held[0], "1m");
            foreach (var one in held)
            {
                one.AskedAt = held[0].AskedAt;
                one.DecidedBy = held[0].Review;
            }

            await Task.WhenAll(held.Select(h => h.Answered));
            await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Post, $"/api/v1/reviews/{held[0].Review}/withdraw");
        }
    }

    private async Task RoundAsync(AgentFixture agent, HttpClient reviewer, List<NpgsqlConnection> pool, string name, Func<IReadOnlyList<Held>, Task> decide, bool print)
    {
        var fromDecision = new List<double>();
        var fromRequest = new List<double>();
        for (var round = 0; round < (print ? Rounds : 1); round++)
        {
            var held = await HoldAsync(agent, reviewer, pool, $"t{++_shapes}");
            await decide(held);
            foreach (var one in held)
            {
                var answered = await one.Answered;
                fromDecision.Add(Stopwatch.GetElapsedTime(_decidedAt[one.DecidedBy], answered).TotalMilliseconds);
                fromRequest.Add(Stopwatch.GetElapsedTime(one.AskedAt, answered).TotalMilliseconds);
            }
        }

        if (print)
        {
            output.WriteLine($"| {name} | {Of(fromDecision, 0.5)} | {Of(fromDecision, 0.9)} | {Of(fromDecision, 0.99)} | {Of(fromDecision, 1)} | {Of(fromRequest, 0.99)} |");
        }
    }

    private static string Of(List<double> values, double quantile)
    {
        values.Sort();
        return values[Math.Min(values.Count - 1, (int)Math.Ceiling(quantile * values.Count) - 1)].ToString("0.0", CultureInfo.InvariantCulture);
    }

    /// <summary>Every session sends a statement that is held; the statements differ in a constant.</summary>
    /// <param name="alias">Makes another shape of it in each round.</param>
    private static async Task<IReadOnlyList<Held>> HoldAsync(AgentFixture agent, HttpClient reviewer, List<NpgsqlConnection> pool, string alias)
    {
        var answers = pool.Select((c, i) => (Id: i + 1, Answered: DeleteAsync(c, alias, i + 1))).ToDictionary(a => a.Id, a => a.Answered);
        var open = await Eventually.GetAsync(
            async () => (await OpenAsync(agent, reviewer)) is { Count: Sessions } all ? all : null, TimeSpan.FromSeconds(60), "all are held", Cancellation);
        return [.. open.Select(r => new Held(Guid.Parse(r["id"]!.ToString()), answers[int.Parse(r["statement"]!.ToString().Split('=')[1], CultureInfo.InvariantCulture)]))];
    }

    private static async Task<List<JsonNode>> OpenAsync(AgentFixture agent, HttpClient reviewer) =>
        [.. (await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Get, "/api/v1/reviews?limit=200")).Body!["items"]!.AsArray().OfType<JsonNode>().Where(r => r["connection"]!.ToString() == agent.Name)];

    private static async Task ApproveAsync(HttpClient reviewer, Held held, string? window)
    {
        held.AskedAt = Stopwatch.GetTimestamp();
        var (status, answer) = await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Post, $"/api/v1/reviews/{held.Review}/approve", window is null ? new JsonObject() : new JsonObject { ["window"] = window });
        status.ShouldBe(200, answer?.ToJsonString());
    }

    private static async Task<long> DeleteAsync(NpgsqlConnection connection, string alias, int id)
    {
        await using var command = new NpgsqlCommand($"DELETE FROM things AS {alias} WHERE {alias}.id = {id}", connection) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync(Cancellation);
        return Stopwatch.GetTimestamp();
    }

    /// <summary>Signals are published right after the commit; the last one before the answer of a review that was open is its decision.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var subscription = server.Services.GetRequiredService<IClusterSignals>().Subscribe(null);
        var seen = new Dictionary<Guid, int>();
        await foreach (var signal in subscription.ReadAllAsync(cancellationToken))
        {
            // The first tells that it was opened.
            if (signal is ReviewChanged changed && (seen[changed.Review.Value] = seen.GetValueOrDefault(changed.Review.Value) + 1) == 2)
            {
                _decidedAt[changed.Review.Value] = Stopwatch.GetTimestamp();
            }
        }
    }

    private sealed class Held(Guid review, Task<long> answered)
    {
        public Guid Review { get; } = review;

        public Task<long> Answered { get; } = answered;

        public Guid DecidedBy { get; set; } = review;

        public long AskedAt { get; set; }
    }
}
