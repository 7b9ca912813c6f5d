using System.Diagnostics;
using Npgsql;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres;
using Weir.Testing;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions;

public sealed class CancelTests(SampleServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private SessionHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await SessionHost.StartAsync(server);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task An_interrupt_of_psql_cancels_its_query()
    {
        await using var psql = new PsqlClient().Start(_host.Url, "--command", "SELECT pg_sleep(60)");
        await RunsAsync(1);
        var since = Stopwatch.GetTimestamp();
        await psql.SignalAsync("INT", Cancel);
        await psql.WaitForLineAsync(l => l.Contains("57014", StringComparison.Ordinal), Patience, Cancel);
        Stopwatch.GetElapsedTime(since).ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_cancel_reaches_only_the_session_whose_key_it_has()
    {
        await using var one = await _host.OpenRawAsync();
        await using var two = await _host.OpenRawAsync();
        await one.Query("SELECT pg_sleep(60)").SendAsync();
        await two.Query("SELECT pg_sleep(60)").SendAsync();
        await RunsAsync(2);
        await two.CancelAsync(new CancelKey(two.Key.ProcessId, new byte[two.Key.Secret.Length]));
        await two.CancelAsync(new CancelKey(one.Key.ProcessId, two.Key.Secret));
        await two.CancelAsync();
        (await two.UntilReadyAsync()).Texts().ShouldContain("E:57014");
        await RunsAsync(1);
        await one.CancelAsync();
        (await one.UntilReadyAsync()).Texts().ShouldContain("E:57014");
        (await one.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
    }

    [Fact]
    public async Task A_drivers_timeout_cancels_and_the_connection_stays_usable()
    {
        await using var connection = await _host.OpenAsync();
        await using var slow = new NpgsqlCommand("SELECT pg_sleep(60)", connection) { CommandTimeout = 1 };
        await Should.ThrowAsync<NpgsqlException>(() => slow.ExecuteNonQueryAsync(Cancel));
        await using var select = new NpgsqlCommand("SELECT 1", connection);
        (await select.ExecuteScalarAsync(Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task A_cancel_that_comes_at_once_is_not_lost_between_two_messages()
    {
        for (var i = 0; i < 20; i++)
        {
            // A statement of its own shape each time: what is judged for the first time takes longest on its way.
            var columns = string.Join(", ", Enumerable.Range(0, i).Select(n => $"{n} AS c{n}"));
            await using var connection = await _host.OpenAsync();
            await using var slow = new NpgsqlCommand($"SELECT pg_sleep(60){(columns.Length > 0 ? ", " : "")}{columns}", connection) { CommandTimeout = 0 };
            var running = slow.ExecuteNonQueryAsync(Cancel);
            await RunsAsync(1);
            await Task.Run(slow.Cancel, Cancel);
            var ended = await Record.ExceptionAsync(() => running);
            var answer = ended as PostgresException ?? ended?.InnerException as PostgresException;
            answer.ShouldNotBeNull($"{i}: {ended}");
            answer.SqlState.ShouldBe("57014");
        }
    }

    [Fact]
    public async Task A_client_that_goes_away_does_not_leave_its_query_running()
    {
        var client = await _host.OpenRawAsync();
        await client.Query("SELECT pg_sleep(60)").SendAsync();
        await RunsAsync(1);
        await client.DisposeAsync();
        await RunsAsync(0);
        await _host.NoSessionsAsync();
    }

    private Task RunsAsync(int count) => Eventually.HoldsAsync(
        async () => await server.AskAsync($"SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND application_name LIKE 'weir:{_host.Principal}/%' AND state = 'active'") == $"{count}",
        Patience,
        $"{count} run",
        Cancel);
}
