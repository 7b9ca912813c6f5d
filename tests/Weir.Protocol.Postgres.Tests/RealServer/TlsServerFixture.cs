using Weir.Protocol.Postgres.Tests.RealServer;
using Weir.Testing.Postgres;

[assembly: AssemblyFixture(typeof(TlsServerFixture))]

namespace Weir.Protocol.Postgres.Tests.RealServer;

/// <summary>One server with TLS for all tests of the assembly that want a real server.</summary>
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
