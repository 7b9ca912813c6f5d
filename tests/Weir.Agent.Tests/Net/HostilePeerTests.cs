using System.Net.Sockets;
using Weir.Agent.Sessions;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Protocol.Postgres.Startup;
using Weir.Testing;

namespace Weir.Agent.Tests.Net;

/// <summary>Peers that are slow, rude or many, over event loops and over streams.</summary>
public sealed class HostilePeerTests(SampleServer server)
{
    private const string Big = "SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i";
    private const int BigRows = 20_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_sends_one_byte_at_a_time_is_served(bool useLoops)
    {
        await using var host = await StartAsync(useLoops);
        using var tcp = await ConnectAsync(host);
        var writer = new MessageWriter();
        StartupMessage.Write(writer, ProtocolVersion.V30, [new("user", SessionHost.Credential), new("database", "orders")]);
        foreach (var octet in writer.Written.ToArray())
            await tcp.GetStream().WriteAsync(new[] { octet }, Cancel);
        var answer = new byte[1];
        await tcp.GetStream().ReadExactlyAsync(answer, Cancel);
        answer[0].ShouldBe((byte)'R');

        await using var client = await host.OpenRawAsync();
        client.Query("SELECT 1").Parse("", "SELECT 2").Bind("", "").Execute().Sync();
        (await client.RoundTripBytewiseAsync(readies: 2)).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I", "1", "2", "D:2", "C:SELECT 1", "Z:I"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_does_not_read_keeps_nobody_waiting_and_gets_all_of_its_answer(bool useLoops)
    {
        await using var host = await StartAsync(useLoops);
        await using var slow = await host.OpenRawAsync();
        slow.Query(Big);
        await slow.SendAsync();
        await using var quick = await host.OpenRawAsync();
        for (var i = 0; i < 20; i++)
            (await quick.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
        // The server can't be through: neither socket has room for it, and the agent keeps a small part only.
        await Eventually.HoldsAsync(
            async () => await server.AskAsync($"SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'weir:{host.Principal}/%' AND wait_event = 'ClientWrite'") == "1",
            Patience,
            "the server waits for the slow client",
            Cancel);
        await using var counted = slow;
        (await counted.CountUntilReadyAsync()).ShouldBe(BigRows);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_resets_in_the_middle_of_an_answer_ends_its_own_session_only(bool useLoops)
    {
        await using var host = await StartAsync(useLoops);
        await using var other = await host.OpenRawAsync();
        for (var i = 0; i < 10; i++)
        {
            var rude = await host.OpenRawAsync();
            await rude.Query(Big).SendAsync();
            await rude.ReceiveAsync();
            rude.Reset();
        }

        (await other.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
        await Eventually.HoldsAsync(() => Task.FromResult(host.Sessions.Count == 1), Patience, "the others are gone", Cancel);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_shuts_its_side_down_ends_its_session(bool useLoops)
    {
        await using var host = await StartAsync(useLoops);
        await using var client = await host.OpenRawAsync();
        client.ShutDown();
        await Should.ThrowAsync<EndOfStreamException>(async () => await client.ReceiveAsync());
        await host.NoSessionsAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Long_messages_arrive_whole_in_both_directions(bool useLoops)
    {
        await using var host = await StartAsync(useLoops);
        await using var client = await host.OpenRawAsync();
        foreach (var length in new[] { 15_000, 16_384, 70_000, 1_000_000 })
        {
            var text = new string('y', length);
            var messages = await client.Parse("", "SELECT $1::text").Bind("", "", text).Execute().Sync().RoundTripAsync();
            messages.Single(m => m.Type == BackendMessageType.DataRow).Row.ShouldBe([text]);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_client_copies_in_arrives_whole(bool useLoops)
    {
        await using var host = await StartAsync(useLoops);
        await using var connection = await host.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand("CREATE TEMPORARY TABLE loaded (v text)", connection);
        await command.ExecuteNonQueryAsync(Cancel);
        await using (var writer = await connection.BeginTextImportAsync("COPY loaded FROM STDIN", Cancel))
        {
            var line = new string('z', 999) + "\n";
            for (var i = 0; i < 20_000; i++)
                await writer.WriteAsync(line.AsMemory(), Cancel);
        }

        command.CommandText = "SELECT count(*), sum(length(v)) FROM loaded";
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        (await reader.ReadAsync(Cancel)).ShouldBeTrue();
        reader.GetInt64(0).ShouldBe(20_000);
        reader.GetInt64(1).ShouldBe(20_000 * 999);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_thousand_clients_that_say_nothing_disturb_nobody(bool useLoops)
    {
        await using var host = await StartAsync(useLoops, new SessionOptions { UseLoops = useLoops, MaxUnauthenticated = 2_000, MaxConnectionsPerAddress = 2_000 });
        var silent = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 1_000; i++)
                silent.Add(await ConnectAsync(host));
            await using var client = await host.OpenRawAsync();
            (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(["T", "D:1", "C:SELECT 1", "Z:I"]);
        }
        finally
        {
            silent.ForEach(c => c.Dispose());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_too_many_is_told_so(bool useLoops)
    {
        await using var host = await StartAsync(useLoops, new SessionOptions { UseLoops = useLoops, MaxConnections = 1 });
        await using var first = await host.OpenRawAsync();
        await using var second = await RawClient.ConnectAsync("127.0.0.1", host.Port);
        (await second.ReceiveAsync()).Diagnostic.SqlState.ShouldBe("53300");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upstream_leg_with_TLS_serves_a_client_without(bool useLoops)
    {
        await using var host = await StartAsync(useLoops, upstreamTls: "require");
        await using var client = await host.OpenRawAsync();
        (await client.Query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").RoundTripAsync()).Texts().ShouldBe(["T", "D:t", "C:SELECT 1", "Z:I"]);
        await client.Query(Big).SendAsync();
        (await client.CountUntilReadyAsync()).ShouldBe(BigRows);
        await client.Message('X', []).SendAsync();
        await host.NoSessionsAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_ends_a_session_is_heard(bool useLoops)
    {
        await using var host = await StartAsync(useLoops);
        await using var client = await host.OpenRawAsync();
        await server.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'weir:{host.Principal}/%'");
        (await client.ReceiveAsync()).Diagnostic.SqlState.ShouldBe("57P01");
        await Should.ThrowAsync<EndOfStreamException>(async () => await client.ReceiveAsync());
        await host.NoSessionsAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Sessions_come_and_go_on_every_loop(int loops)
    {
        await using var host = await StartAsync(true, new SessionOptions { Loops = loops });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async n =>
        {
            for (var i = 0; i < 10; i++)
            {
                await using var client = await host.OpenRawAsync();
                for (var q = 0; q < 10; q++)
                    (await client.Query($"SELECT {n}").RoundTripAsync()).Texts().ShouldBe(["T", $"D:{n}", "C:SELECT 1", "Z:I"]);
                await client.Message('X', []).SendAsync();
            }
        }));
        await host.NoSessionsAsync();
        await Eventually.HoldsAsync(() => Task.FromResult(host.Listener.Loops.All(l => l.Sessions == 0)), Patience, "no loop serves anybody", Cancel);
    }

    private static async Task<TcpClient> ConnectAsync(SessionHost host)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync("127.0.0.1", host.Port, Cancel);
        return tcp;
    }

    private Task<SessionHost> StartAsync(bool useLoops, SessionOptions? options = null, string upstreamTls = "disable") =>
        SessionHost.StartAsync(server, options: options ?? new SessionOptions { UseLoops = useLoops }, upstreamTls: upstreamTls);
}
