using Npgsql;
using Weir.Agent.Sessions;
using Weir.Agent.Tests.Sessions.Support;
using Weir.Testing.Postgres;

namespace Weir.Agent.Tests.Sessions;

public sealed class TlsTests(SampleServer server) : IAsyncLifetime
{
    private readonly TestCertificate _certificate = new();
    private SessionHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await SessionHost.StartAsync(server, certificate: _certificate);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _certificate.Dispose();
    }

    [Fact]
    public async Task Psql_verifies_the_certificate_and_binds_the_channel()
    {
        var url = _host.UrlOf(SessionHost.Credential, SessionHost.Secret, parameters: $"sslmode=verify-full&channel_binding=require&sslrootcert={_certificate.CaFile}");
        (await new PsqlClient().QueryAsync(url, ["SELECT 40 + 2"], Cancel)).EnsureSuccess().StandardOutput.Trim().ShouldBe("42");
        _host.Events()[0].Started.Tls.ShouldBeTrue();
    }

    [Fact]
    public async Task Direct_TLS_works_with_a_newer_libpq()
    {
        var libpq = await LibpqDirectory.CreateAsync(18, Cancel);
        try
        {
            var psql = new PsqlClient(libpq);
            foreach (var negotiation in new[] { "postgres", "direct" })
            {
                var parameters = $"sslmode=verify-full&sslnegotiation={negotiation}&channel_binding=require&sslrootcert={_certificate.CaFile}";
                (await psql.QueryAsync(_host.UrlOf(SessionHost.Credential, SessionHost.Secret, parameters: parameters), ["SELECT 40 + 2"], Cancel))
                    .EnsureSuccess().StandardOutput.Trim().ShouldBe("42");
            }
        }
        finally
        {
            Directory.Delete(libpq, recursive: true);
        }
    }

    [Fact]
    public async Task Npgsql_verifies_and_uses_direct_TLS()
    {
        foreach (var negotiation in new[] { SslNegotiation.Postgres, SslNegotiation.Direct })
        {
            var builder = new NpgsqlConnectionStringBuilder(_host.ConnectionString())
            {
                SslMode = SslMode.VerifyFull,
                SslNegotiation = negotiation,
                RootCertificate = _certificate.CaFile,
                ChannelBinding = ChannelBinding.Require,
            };
            await using var connection = new NpgsqlConnection(builder.ConnectionString);
            await connection.OpenAsync(Cancel);
            await using var command = new NpgsqlCommand("SELECT 40 + 2", connection);
            (await command.ExecuteScalarAsync(Cancel)).ShouldBe(42);
        }
    }

    [Fact]
    public async Task A_client_that_trusts_another_authority_does_not_connect()
    {
        using var other = new TestCertificate();
        var url = _host.UrlOf(SessionHost.Credential, SessionHost.Secret, parameters: $"sslmode=verify-full&sslrootcert={other.CaFile}");
        (await new PsqlClient().QueryAsync(url, ["SELECT 1"], Cancel)).ExitCode.ShouldNotBe(0);
    }

    [Fact]
    public async Task Where_TLS_is_required_plaintext_is_refused()
    {
        await using var strict = await SessionHost.StartAsync(server, options: new SessionOptions { RequireTls = true }, certificate: _certificate);
        await using var client = await RawClient.ConnectAsync("127.0.0.1", strict.Port);
        (await client.TryLogInAsync(SessionHost.Credential, SessionHost.Secret, "orders"))!.Value.Diagnostic.SqlState.ShouldBe("28000");
    }

    [Fact]
    public async Task Without_channel_binding_a_client_that_requires_it_does_not_connect()
    {
        await using var plain = await SessionHost.StartAsync(server, options: new SessionOptions { ChannelBinding = false }, certificate: _certificate);
        var url = plain.UrlOf(SessionHost.Credential, SessionHost.Secret, parameters: $"sslmode=verify-full&channel_binding=require&sslrootcert={_certificate.CaFile}");
        (await new PsqlClient().QueryAsync(url, ["SELECT 1"], Cancel)).ExitCode.ShouldNotBe(0);
        url = plain.UrlOf(SessionHost.Credential, SessionHost.Secret, parameters: $"sslmode=verify-full&sslrootcert={_certificate.CaFile}");
        (await new PsqlClient().QueryAsync(url, ["SELECT 1"], Cancel)).EnsureSuccess();
    }
}
