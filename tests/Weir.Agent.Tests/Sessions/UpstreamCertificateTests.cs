using Npgsql;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Contracts.Agent.V1;
using Weir.Testing;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions;

/// <summary>The agent's own login by certificate, at a server that takes nothing else.</summary>
public sealed class UpstreamCertificateTests(SampleServer server) : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ClientCertificates _authority = new();
    private PostgresServer _strict = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await server.ServerAsync();
        // The server runs as another user where the tests run as root.
        File.SetUnixFileMode(_directory.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await File.WriteAllTextAsync(PathOf("clients-ca.pem"), _authority.AuthorityPem, Cancel);
        await File.WriteAllTextAsync(
            PathOf("pg_hba.conf"),
            """
            hostssl orders app_by_certificate,reader_by_certificate 127.0.0.1/32 cert
            hostssl orders app_with_both 127.0.0.1/32 scram-sha-256 clientcert=verify-full
            host all postgres 127.0.0.1/32 scram-sha-256
            """,
            Cancel);
        _strict = await PostgresServer.StartAsync(
            new PostgresServerOptions { Tls = true, Settings = new Dictionary<string, string> { ["ssl_ca_file"] = PathOf("clients-ca.pem"), ["hba_file"] = PathOf("pg_hba.conf") } }, Cancel);
        await _strict.ExecuteAsync(
            PostgresServer.Superuser, "CREATE ROLE app_by_certificate LOGIN; CREATE ROLE reader_by_certificate LOGIN; CREATE ROLE app_with_both LOGIN PASSWORD 'and-a-password'", Cancel);
        await _strict.ExecuteAsync(PostgresServer.Superuser, "CREATE DATABASE orders OWNER app_by_certificate", Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _strict.DisposeAsync();
        _authority.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_certificate_in_files_logs_in_and_is_rotated_without_a_restart(bool isElliptic)
    {
        Write(_authority.Sign("app_by_certificate", isElliptic));
        await using var host = await StartAsync("app_by_certificate", Files);
        await ExpectUserAsync(host, "app_by_certificate");

        using (var strangers = new ClientCertificates())
            Write(strangers.Sign("app_by_certificate", isElliptic));
        await ExpectRefusedAsync(host);

        Write(_authority.Sign("app_by_certificate", isElliptic));
        await ExpectUserAsync(host, "app_by_certificate");

        Write(_authority.Sign("somebody_else", isElliptic));
        await ExpectRefusedAsync(host);
    }

    [Fact]
    public async Task A_key_of_another_certificate_or_none_at_all_ends_the_session_with_a_clear_word_and_shows_neither()
    {
        var (certificate, key) = _authority.Sign("app_by_certificate");
        await using var host = await StartAsync("app_by_certificate", Files);
        foreach (var (wrongCertificate, wrongKey) in new[] { (certificate, _authority.Sign("app_by_certificate").Key), ("rubbish", key), (certificate, "rubbish"), (key, certificate) })
        {
            Write((wrongCertificate, wrongKey));
            var error = await ExpectRefusedAsync(host);
            error.ShouldBe("weir: the database's credential is not available");
        }

        File.Delete(PathOf("client.key"));
        await ExpectRefusedAsync(host);
        host.Log.Lines.ShouldAllBe(line => !line.Contains("PRIVATE KEY"));
    }

    [Fact]
    public async Task A_stored_certificate_logs_in_and_a_read_only_role_has_its_own()
    {
        var (certificate, key) = _authority.Sign("app_by_certificate");
        var (readersCertificate, readersKey) = _authority.Sign("reader_by_certificate", isElliptic: false);
        const string stored = """ "clientCertificate":{"stored":{} },"clientKey":{"stored":{} } """;
        await using var host = await StartAsync("app_by_certificate", $$"""{{stored}},"readOnly":{"user":"reader_by_certificate",{{stored}}}""");
        host.StoredSecrets.Replace([new("orders", new StoredSecret { ClientCertificate = certificate, ClientKey = key, ReadOnlyClientCertificate = readersCertificate, ReadOnlyClientKey = readersKey })]);
        await ExpectUserAsync(host, "app_by_certificate");
        host.Use(TestPolicy.Open("read"));
        await ExpectUserAsync(host, "reader_by_certificate");
    }

    [Fact]
    public async Task A_server_that_wants_both_certificate_and_password_gets_both()
    {
        Write(_authority.Sign("app_with_both"));
        await using var host = await StartAsync("app_with_both", Files + ""","password":{"stored":{} }""");
        host.StoredSecrets.Replace([new("orders", new StoredSecret { Password = "and-a-password" })]);
        await ExpectUserAsync(host, "app_with_both");
        host.StoredSecrets.Replace([new("orders", new StoredSecret { Password = "another" })]);
        await ExpectRefusedAsync(host);
    }

    [Fact]
    public async Task Another_host_than_the_certificate_of_the_server_names_gets_nothing()
    {
        Write(_authority.Sign("app_by_certificate"));
        await using var host = await StartAsync("app_by_certificate", Files, "127.0.0.2");
        await ExpectRefusedAsync(host);
    }

    [Fact]
    public async Task A_cancel_request_reaches_the_server_over_the_same_kind_of_leg()
    {
        Write(_authority.Sign("app_by_certificate"));
        await using var host = await StartAsync("app_by_certificate", Files);
        await using var client = await host.OpenRawAsync();
        await client.Query("SELECT pg_sleep(60)").SendAsync();
        await using var behind = new NpgsqlConnection(_strict.ConnectionString("orders"));
        await behind.OpenAsync(Cancel);
        await using var sleepers = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'", behind);
        await Eventually.HoldsAsync(async () => (long)(await sleepers.ExecuteScalarAsync(Cancel))! == 1, TimeSpan.FromSeconds(20), "the statement runs", Cancel);
        await client.CancelAsync();
        (await client.UntilReadyAsync()).Texts().ShouldContain("E:57014");
    }

    private string Files => $$""" "clientCertificate":{"file":"{{PathOf("client.crt")}}"},"clientKey":{"file":"{{PathOf("client.key")}}"} """;

    private string PathOf(string name) => Path.Combine(_directory.Path, name);

    private void Write((string Certificate, string Key) pair)
    {
        File.WriteAllText(PathOf("client.crt"), pair.Certificate + "\n");
        File.WriteAllText(PathOf("client.key"), pair.Key + "\n");
    }

    private Task<SessionHost> StartAsync(string user, string credentials, string address = "127.0.0.1") => SessionHost.StartAsync(server, upstream:
        $$"""{"host":"{{address}}","port":{{_strict.Port}},"database":"orders","tls":"verify-full","tlsCaFile":"{{_strict.CaFile}}","user":"{{user}}",{{credentials}} }""");

    private static async Task ExpectUserAsync(SessionHost host, string user)
    {
        await using var client = await host.OpenRawAsync();
        (await client.Query("SELECT current_user || ' ' || (SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid())").RoundTripAsync()).Texts()[1].ShouldBe($"D:{user} /CN={user}");
    }

    private static async Task<string> ExpectRefusedAsync(SessionHost host)
    {
        await using var client = await RawClient.ConnectAsync("127.0.0.1", host.Port);
        var diagnostic = (await client.TryLogInAsync(SessionHost.Credential, SessionHost.Secret, "orders")).ShouldNotBeNull().Diagnostic;
        diagnostic.SqlState.ShouldBe("08006");
        return diagnostic.Message;
    }
}
