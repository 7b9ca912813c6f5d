using System.Text.Json.Nodes;
using Npgsql;
using Weir.EndToEnd.Tests.Support;
using Weir.Testing;
using Weir.Testing.Processes;

namespace Weir.EndToEnd.Tests;

/// <summary>Everything is recorded, replayable, provable; also while the control plane is away.</summary>
public sealed class RecordingTests(Quickstart weir)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_shows_statements_parameters_decisions_masked_results_and_durations()
    {
        var marker = $"marker-{Guid.NewGuid():N}";
        await using (var connection = await Quickstart.OpenAsync(weir.DirectUrl))
        {
            await using var read = new NpgsqlCommand("SELECT id, ssn, $1::text AS marker FROM customers WHERE id <= $2 ORDER BY id", connection)
            {
                Parameters = { new() { Value = marker }, new() { Value = 3 } },
            };
            await read.ExecuteNonQueryAsync(Cancellation);
            await using var drop = new NpgsqlCommand($"DROP TABLE payments /* {marker} */", connection);
            await Should.ThrowAsync<PostgresException>(drop.ExecuteNonQueryAsync(Cancellation));
        }

        var session = await FindSessionAsync(marker);
        session["principal"]!.ToString().ShouldContain("dev@weir.example");
        var statements = session["statements"]!.AsArray();
        var select = statements.First(s => s!["text"]!.GetValue<string>().Contains("FROM customers", StringComparison.Ordinal))!;
        select["decision"]!.GetValue<string>().ShouldBe("allow");
        select["rows"]!.GetValue<long>().ShouldBe(3);
        select["parameters"]!.ToJsonString().ShouldContain(marker);
        select["durationMs"]!.GetValue<double>().ShouldBeGreaterThan(0);
        var refused = statements.First(s => s!["text"]!.GetValue<string>().StartsWith("DROP", StringComparison.Ordinal))!;
        refused["decision"]!.GetValue<string>().ShouldBe("deny");
        refused["sqlState"]!.GetValue<string>().ShouldBe("42501");

        var why = await weir.WeirAsync("WEIR_ADMIN_TOKEN", "policy", "explain", session["id"]!.GetValue<string>(), refused["sequence"]!.ToString());
        why.ShouldContain("deny by guardrail \"no-destructive-ddl\"");
        (await weir.WeirAsync("WEIR_ADMIN_TOKEN", "policy", "explain", session["id"]!.GetValue<string>(), select["sequence"]!.ToString()))
            .ShouldContain("column ssn masked by \"social-security-numbers\"");
        var replay = await weir.WeirAsync("WEIR_ADMIN_TOKEN", "sessions", "replay", session["id"]!.GetValue<string>());
        var secret = await weir.UpstreamAsync<string>("SELECT ssn FROM customers WHERE id = 1");
        replay.ShouldContain(marker);
        replay.ShouldNotContain(secret!);
        (await weir.TryWeirAsync("WEIR_ADMIN_TOKEN", "audit", "verify")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Without_the_control_plane_sessions_go_on_and_every_event_arrives_once_when_it_is_back()
    {
        var marker = $"marker-{Guid.NewGuid():N}";
        await using var live = await Quickstart.OpenAsync(weir.DirectUrl);
        await weir.EndAsync("server", "TERM");
        try
        {
            await Eventually.HoldsAsync(
                async () => (await weir.TryWeirAsync("WEIR_ADMIN_TOKEN", "agents", "list")).ExitCode != 0, TimeSpan.FromSeconds(20), "the control plane is gone", Cancellation);
            for (var i = 0; i < 50; i++)
            {
                await using var command = new NpgsqlCommand($"SELECT {i} AS n /* {marker} */", live);
                (await command.ExecuteScalarAsync(Cancellation)).ShouldBe(i);
            }

            await using var late = await Quickstart.OpenAsync(weir.DirectUrl);
            await using var denied = new NpgsqlCommand("DROP TABLE orders", late);
            (await Should.ThrowAsync<PostgresException>(denied.ExecuteNonQueryAsync(Cancellation))).SqlState.ShouldBe("42501");
        }
        finally
        {
            await weir.RestartAsync();
        }

        await live.CloseAsync();
        var session = await FindSessionAsync(marker, statements: 50);
        session["statements"]!.AsArray()
            .Select(s => s!["text"]!.GetValue<string>())
            .Where(t => t.Contains(marker, StringComparison.Ordinal))
            .ShouldBe(Enumerable.Range(0, 50).Select(i => $"SELECT {i} AS n /* {marker} */"));
    }

    [Fact]
    public async Task An_agent_that_is_killed_loses_nothing_of_what_was_recorded()
    {
        var marker = $"marker-{Guid.NewGuid():N}";
        await using var connection = await Quickstart.OpenAsync(weir.DirectUrl);
        for (var i = 0; i < 20; i++)
        {
            await using var command = new NpgsqlCommand($"SELECT {i} AS n /* {marker} */", connection);
            (await command.ExecuteScalarAsync(Cancellation)).ShouldBe(i);
        }

        await weir.EndAsync("agent", "KILL");
        await weir.RestartAsync();
        var session = await FindSessionAsync(marker, statements: 20);
        session["statements"]!.AsArray()
            .Select(s => s!["text"]!.GetValue<string>())
            .Where(t => t.Contains(marker, StringComparison.Ordinal))
            .ShouldBe(Enumerable.Range(0, 20).Select(i => $"SELECT {i} AS n /* {marker} */"));
        session["integrity"]!.GetValue<string>().ShouldBe("intact");
        (await weir.TryWeirAsync("WEIR_ADMIN_TOKEN", "audit", "verify")).ExitCode.ShouldBe(0);
        await using var next = await Quickstart.OpenAsync(weir.DirectUrl);
        await using var again = new NpgsqlCommand("SELECT 1", next);
        (await again.ExecuteScalarAsync(Cancellation)).ShouldBe(1);
    }

    [Fact]
    public async Task The_databases_password_is_nowhere_but_with_the_agent()
    {
        var password = Uri.UnescapeDataString(new Uri(weir.UpstreamUrl).UserInfo.Split(':')[1]);
        var apiAnswer = await weir.WeirAsync("WEIR_ADMIN_TOKEN", "get", "connection", "orders", "-o", "json");
        apiAnswer.ShouldNotContain(password);
        foreach (var log in Directory.EnumerateFiles(Path.Combine(weir.State, "logs")))
        {
            (await File.ReadAllTextAsync(log, Cancellation)).ShouldNotContain(password);
        }

        var dump = await ProcessRunner.RunAsync("grep", ["-rlaF", password, Path.Combine(weir.State, "server-data"), Path.Combine(weir.State, "agent-data")], cancellationToken: Cancellation);
        dump.StandardOutput.ShouldBeEmpty();
    }

    private Task<JsonNode> FindSessionAsync(string marker, int statements = 1) => Eventually.GetAsync(
        async () =>
        {
            foreach (var item in (await weir.WeirJsonAsync("WEIR_ADMIN_TOKEN", "sessions", "list", "--limit", "20")).AsArray())
            {
                var session = await weir.WeirJsonAsync("WEIR_ADMIN_TOKEN", "sessions", "show", item!["id"]!.GetValue<string>());
                if (session["statements"]!.AsArray().Count(s => s!.ToJsonString().Contains(marker, StringComparison.Ordinal) && s["status"]?.ToString() is not (null or "running")) >= statements)
                {
                    return session;
                }
            }

            return null;
        },
        TimeSpan.FromSeconds(40),
        "the session's statements arrive",
        Cancellation);
}
