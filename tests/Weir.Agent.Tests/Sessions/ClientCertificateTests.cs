using Google.Protobuf;
using Npgsql;
using Weir.Agent.Sessions;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Contracts.Agent.V1;
using Weir.Testing;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions;

/// <summary>A client that shows a certificate: its key may stand in for the secret, and is nothing more than that.</summary>
public sealed class ClientCertificateTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly SampleServer _server;
    private readonly TestCertificate _listener = new();
    private readonly TemporaryDirectory _directory = new();
    private readonly ClientCertificates _authority = new();
    private int _files;

    public ClientCertificateTests(SampleServer server) => _server = server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _authority.Dispose();
        _directory.Dispose();
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task The_key_of_the_credential_logs_in_without_its_secret(bool useLoops, bool isElliptic)
    {
        await using var host = await StartAsync(useLoops);
        // Only the key counts: dates and names are the holder's own word.
        var pair = _authority.Sign("whoever", isElliptic, isOver: true);
        host.Give(Pinned(host, "cred_pinned", pair.Certificate));
        foreach (var version in new[] { "TLSv1.2", "TLSv1.3" })
            (await QueryAsync(host, "cred_pinned", "wrong", pair, $"&ssl_min_protocol_version={version}&ssl_max_protocol_version={version}")).EnsureSuccess().StandardOutput.Trim().ShouldBe("42");

        var builder = new NpgsqlConnectionStringBuilder(host.ConnectionString("cred_pinned", "wrong")) { SslMode = SslMode.VerifyFull, RootCertificate = _listener.CaFile };
        (builder.SslCertificate, builder.SslKey) = Write(pair);
        await using var connection = new NpgsqlConnection(builder.ConnectionString);
        await connection.OpenAsync(Cancel);
        await connection.DisposeAsync();
        await host.NoSessionsAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Any_other_certificate_leaves_the_password(bool useLoops)
    {
        await using var host = await StartAsync(useLoops);
        var pair = _authority.Sign("ada");
        host.Give(Pinned(host, "cred_pinned", pair.Certificate), Pinned(host, "cred_other", _authority.Sign("ada").Certificate));
        foreach (var user in new[] { "cred_other", SessionHost.Credential, "cred_nobody" })
        {
            var refused = await QueryAsync(host, user, "wrong", pair);
            refused.ExitCode.ShouldNotBe(0);
            refused.StandardError.ShouldContain($"password authentication failed for user \"{user}\"");
        }

        // With the right secret it is no hindrance, with channel binding or without a certificate.
        (await QueryAsync(host, SessionHost.Credential, SessionHost.Secret, pair, "&channel_binding=require")).EnsureSuccess();
        (await QueryAsync(host, "cred_pinned", SessionHost.Secret, null, "&channel_binding=require")).EnsureSuccess();
        (await QueryAsync(host, "cred_pinned", "wrong", null)).ExitCode.ShouldNotBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_certificate_without_its_key_is_no_proof(bool useLoops)
    {
        await using var host = await StartAsync(useLoops);
        var pair = _authority.Sign("ada");
        host.Give(Pinned(host, "cred_pinned", pair.Certificate));
        var forged = (pair.Certificate, ClientCertificates.ForgeKeyOf(pair.Certificate));
        foreach (var version in new[] { "TLSv1.2", "TLSv1.3" })
        {
            var refused = await QueryAsync(host, "cred_pinned", SessionHost.Secret, forged, $"&ssl_max_protocol_version={version}");
            refused.ExitCode.ShouldNotBe(0);
            refused.StandardError.ShouldContain("SSL");
        }

        (await QueryAsync(host, "cred_pinned", "wrong", pair)).EnsureSuccess();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Expiry_revocation_and_another_key_end_what_the_certificate_opened(bool useLoops)
    {
        await using var host = await StartAsync(useLoops);
        var pair = _authority.Sign("ada");
        var expired = Pinned(host, "cred_expired", pair.Certificate);
        expired.ExpiresAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(-1));
        host.Give(expired, Pinned(host, "cred_pinned", pair.Certificate), Pinned(host, "cred_changed", pair.Certificate));
        var over = await QueryAsync(host, "cred_expired", "wrong", pair);
        over.ExitCode.ShouldNotBe(0);
        over.StandardError.ShouldContain("no access to connection");

        foreach (var (user, end) in new (string, Action)[]
        {
            ("cred_pinned", () => host.Revoke("cred_pinned")), ("cred_changed", () => host.Give(Pinned(host, "cred_changed", _authority.Sign("ada").Certificate))),
        })
        {
            var running = QueryAsync(host, user, "wrong", pair, sql: "SELECT pg_sleep(60)");
            await Eventually.HoldsAsync(() => Task.FromResult(host.Sessions.Count == 1), Patience, "the session is there", Cancel);
            await Eventually.HoldsAsync(
                async () => await _server.AskAsync($"SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'weir:{host.Principal}/%' AND wait_event = 'PgSleep'") == "1", Patience, "it sleeps", Cancel);
            end();
            var ended = await running;
            ended.ExitCode.ShouldNotBe(0);
            await host.NoSessionsAsync();
        }
    }

    private static Credential Pinned(SessionHost host, string id, string certificate)
    {
        var credential = host.CredentialOf(id, SessionHost.Secret);
        credential.ClientKeySha256 = ByteString.CopyFrom(ClientCertificates.KeyHashOf(certificate));
        return credential;
    }

    private (string Certificate, string Key) Write((string Certificate, string Key) pair)
    {
        var number = ++_files;
        var (certificate, key) = (Path.Combine(_directory.Path, $"{number}.crt"), Path.Combine(_directory.Path, $"{number}.key"));
        File.WriteAllText(certificate, pair.Certificate + "\n");
        File.WriteAllText(key, pair.Key + "\n");
        // libpq takes no key that others may read.
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return (certificate, key);
    }

    private async Task<Weir.Testing.Processes.ProcessResult> QueryAsync(SessionHost host, string user, string password, (string Certificate, string Key)? pair, string more = "", string sql = "SELECT 40 + 2")
    {
        var shown = pair is { } given ? Write(given) : default;
        var certificate = pair is null ? "" : $"&sslcert={shown.Certificate}&sslkey={shown.Key}";
        return await new PsqlClient().QueryAsync(host.UrlOf(user, password, parameters: $"sslmode=verify-full&sslrootcert={_listener.CaFile}{certificate}{more}"), [sql], Cancel);
    }

    private Task<SessionHost> StartAsync(bool useLoops) => SessionHost.StartAsync(_server, options: new SessionOptions { UseLoops = useLoops }, certificate: _listener);
}
