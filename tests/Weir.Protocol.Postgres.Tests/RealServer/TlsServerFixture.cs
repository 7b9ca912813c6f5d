using Weir.Testing.Postgres;

namespace Weir.Protocol.Postgres.Tests.RealServer;

/// <summary>One server with TLS for the tests of a class.</summary>
public sealed class TlsServerFixture : IAsyncLifetime
{
    private PostgresServer? _server;

    public PostgresServer Server => _server ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _server = await PostgresServer.StartAsync(new PostgresServerOptions { Tls = true });

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
