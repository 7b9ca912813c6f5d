using System.Net.Sockets;
using System.Security.Authentication;
using Weir.Agent.Net.Tls;
using Weir.Agent.Sessions;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Protocol.Postgres;
using Weir.Testing;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Net;

/// <summary>TLS clients of every kind, served by the event loops.</summary>
public sealed class TlsLoopTests(SampleServer server)
{
    private const string Big = "SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i";
    private const int BigRows = 20_000;

    private static readonly string[] One = ["T", "D:1", "C:SELECT 1", "Z:I"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_libraries_are_there()
    {
        // Without them every test here would pass over streams and prove nothing.
        OpenSsl.IsAvailable.ShouldBeTrue();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Both_versions_serve_small_and_long_messages_in_both_directions(SslProtocols version)
    {
        using var certificate = new TestCertificate();
        await using var host = await StartAsync(certificate);
        await using var client = await OpenAsync(host, version);
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(One);
        foreach (var length in new[] { 1, 15_000, 16_383, 16_384, 16_385, 70_000, 1_000_000 })
        {
            var text = new string('y', length);
            var messages = await client.Parse("", "SELECT $1::text").Bind("", "", text).Execute().Sync().RoundTripAsync();
            messages.Single(m => m.Type == BackendMessageType.DataRow).Row.ShouldBe([text]);
        }

        client.Query("SELECT 1").Parse("", "SELECT 2").Bind("", "").Execute().Sync();
        (await client.RoundTripBytewiseAsync(readies: 2)).Texts().ShouldBe([.. One, "1", "2", "D:2", "C:SELECT 1", "Z:I"]);
        await client.Message('X', []).SendAsync();
        await host.NoSessionsAsync();
    }

    [Fact]
    public async Task A_client_that_does_not_read_keeps_nobody_waiting_and_gets_all_of_its_answer()
    {
        using var certificate = new TestCertificate();
        await using var host = await StartAsync(certificate);
        await using var slow = await OpenAsync(host);
        await slow.Query(Big).SendAsync();
        await using var quick = await OpenAsync(host);
        for (var i = 0; i < 20; i++)
            (await quick.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(One);
        await Eventually.HoldsAsync(
            async () => await server.AskAsync($"SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'weir:{host.Principal}/%' AND wait_event = 'ClientWrite'") == "1",
            Patience,
            "the server waits for the slow client",
            Cancel);
        (await slow.CountUntilReadyAsync()).ShouldBe(BigRows);
        (await slow.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(One);
    }

    [Fact]
    public async Task What_a_client_copies_in_arrives_whole()
    {
        using var certificate = new TestCertificate();
        await using var host = await StartAsync(certificate);
        await using var connection = await host.OpenAsync("SSL Mode=Require");
        await using var command = new Npgsql.NpgsqlCommand("CREATE TEMPORARY TABLE loaded (v text)", connection);
        await command.ExecuteNonQueryAsync(Cancel);
        await using (var writer = await connection.BeginTextImportAsync("COPY loaded FROM STDIN", Cancel))
        {
            var line = new string('z', 999) + "\n";
            for (var i = 0; i < 20_000; i++)
                await writer.WriteAsync(line.AsMemory(), Cancel);
        }

        command.CommandText = "SELECT count(*) || ' ' || sum(length(v)) FROM loaded";
        (await command.ExecuteScalarAsync(Cancel)).ShouldBe($"20000 {20_000 * 999}");
    }

    [Fact]
    public async Task Clients_that_vanish_in_the_middle_end_their_own_sessions_only()
    {
        using var certificate = new TestCertificate();
        await using var host = await StartAsync(certificate);
        await using var other = await OpenAsync(host);
        for (var i = 0; i < 10; i++)
        {
            var rude = await OpenAsync(host);
            await rude.Query(Big).SendAsync();
            await rude.ReceiveAsync();
            if (i % 2 == 0)
                rude.Reset();
            else
                await rude.DisposeAsync();
        }

        (await other.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(One);
        await Eventually.HoldsAsync(() => Task.FromResult(host.Sessions.Count == 1), Patience, "the others are gone", Cancel);
    }

    [Fact]
    public async Task An_encrypted_upstream_leg_serves_a_client_that_a_loop_had_begun_to_serve()
    {
        using var certificate = new TestCertificate();
        await using var host = await StartAsync(certificate, upstreamTls: "require");
        await using (var client = await OpenAsync(host))
        {
            (await client.Query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").RoundTripAsync()).Texts().ShouldBe(["T", "D:t", "C:SELECT 1", "Z:I"]);
            await client.Query(Big).SendAsync();
            (await client.CountUntilReadyAsync()).ShouldBe(BigRows);
            var text = new string('y', 1_000_000);
            var messages = await client.Parse("", "SELECT $1::text").Bind("", "", text).Execute().Sync().RoundTripAsync();
            messages.Single(m => m.Type == BackendMessageType.DataRow).Row.ShouldBe([text]);
            await client.Message('X', []).SendAsync();
            await host.NoSessionsAsync();
        }
    }

    [Fact]
    public async Task A_libpq_client_hears_why_its_session_ends_and_no_complaint_about_TLS()
    {
        using var certificate = new TestCertificate();
        await using var host = await StartAsync(certificate);
        var url = host.UrlOf(SessionHost.Credential, SessionHost.Secret, parameters: "sslmode=require");
        var running = new PsqlClient().QueryAsync(url, ["SELECT pg_sleep(60)"], Cancel);
        await Eventually.HoldsAsync(
            async () => await server.AskAsync($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'weir:{host.Principal}/%' AND wait_event = 'PgSleep'") == "1",
            Patience,
            "the session sleeps, and is ended",
            Cancel);
        var ended = await running;
        ended.ExitCode.ShouldNotBe(0);
        ended.StandardError.ShouldContain("terminating connection");
        ended.StandardError.ShouldNotContain("unexpected eof");
    }

    [Theory]
    [InlineData("h2")]
    [InlineData("")]
    public async Task A_direct_handshake_that_does_not_mean_PostgreSQL_is_closed(string alpn)
    {
        using var certificate = new TestCertificate();
        await using var host = await StartAsync(certificate);
        await Should.ThrowAsync<Exception>(async () =>
        {
            await using var client = await RawClient.ConnectTlsAsync(host.Port, isDirect: true, alpn: alpn);
            await client.LogInAsync(SessionHost.Credential, SessionHost.Secret, "orders");
        });
        await using var right = await RawClient.ConnectTlsAsync(host.Port, isDirect: true);
        await right.LogInAsync(SessionHost.Credential, SessionHost.Secret, "orders");
        (await right.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(One);
    }

    [Theory]
    [InlineData("160303ffff")]
    [InlineData("16030300050100000000")]
    [InlineData("1603010200010001fc0303")]
    [InlineData("150303000202280000")]
    [InlineData("170303001000000000000000000000000000000000")]
    [InlineData("1603030005010000004f0000000000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Whatever_comes_instead_of_a_handshake_is_closed_within_the_deadline(string hex)
    {
        using var certificate = new TestCertificate();
        await using var host = await StartAsync(certificate, new SessionOptions { UseLoops = true, StartupDeadline = TimeSpan.FromSeconds(1) });
        foreach (var isDirect in new[] { true, false })
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync("127.0.0.1", host.Port, Cancel);
            var stream = tcp.GetStream();
            if (!isDirect)
            {
                await stream.WriteAsync(new byte[] { 0, 0, 0, 8, 4, 210, 22, 47 }, Cancel);
                stream.ReadByte().ShouldBe('S');
            }

            await stream.WriteAsync(Convert.FromHexString(hex), Cancel);
            await DrainAsync(stream);
        }

        await Eventually.HoldsAsync(() => Task.FromResult(host.Listener.Loops.All(l => l.Sessions == 0)), Patience, "no loop serves anybody", Cancel);
        await using var client = await OpenAsync(host);
        (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(One);
    }

    [Fact]
    public async Task Records_that_were_tampered_with_end_the_session_and_nothing_of_them_is_taken()
    {
        using var certificate = new TestCertificate();
        await using var host = await StartAsync(certificate);
        for (var i = 0; i < 5; i++)
        {
            var client = await OpenAsync(host);
            (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(One);

            // A whole record of the right shape, encrypted by nobody.
            await client.SendUnencryptedAsync([0x17, 0x03, 0x03, 0x00, 0x20, .. new byte[32]]);
            await Should.ThrowAsync<Exception>(async () => await client.ReceiveAsync());
            await client.DisposeAsync();
        }

        await host.NoSessionsAsync();
        (await host.StatementsAsync()).ShouldAllBe(s => s.Statement.Text == "SELECT 1");
    }

    [Fact]
    public async Task Sessions_come_and_go_on_every_loop()
    {
        using var certificate = new TestCertificate();
        await using var host = await StartAsync(certificate, new SessionOptions { UseLoops = true, Loops = 3 });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async n =>
        {
            for (var i = 0; i < 10; i++)
            {
                await using var client = await OpenAsync(host);
                (await client.Query("SELECT 1").RoundTripAsync()).Texts().ShouldBe(One);
                await client.Message('X', []).SendAsync();
            }
        }));
        await host.NoSessionsAsync();
        await Eventually.HoldsAsync(() => Task.FromResult(host.Listener.Loops.All(l => l.Sessions == 0)), Patience, "no loop serves anybody", Cancel);
    }

    private static async Task DrainAsync(NetworkStream stream)
    {
        var buffer = new byte[1024];
        try
        {
            while (await stream.ReadAsync(buffer, Cancel).AsTask().WaitAsync(Patience, Cancel) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
    }

    private static async Task<RawClient> OpenAsync(SessionHost host, SslProtocols protocols = SslProtocols.None)
    {
        var client = await RawClient.ConnectTlsAsync(host.Port, protocols: protocols);
        await client.LogInAsync(SessionHost.Credential, SessionHost.Secret, "orders");
        return client;
    }

    private Task<SessionHost> StartAsync(TestCertificate certificate, SessionOptions? options = null, string upstreamTls = "disable") =>
        SessionHost.StartAsync(server, options: options ?? new SessionOptions { UseLoops = true }, certificate: certificate, upstreamTls: upstreamTls);
}
