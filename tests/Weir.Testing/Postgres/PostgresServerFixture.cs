using Xunit;

namespace Weir.Testing.Postgres;

/// <summary>
/// One server for all tests of an assembly: <c>[assembly: AssemblyFixture(typeof(PostgresServerFixture))]</c>, and a constructor parameter
/// of this type where it is used. It starts when the first test asks for it.
/// </summary>
public sealed class PostgresServerFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _server = new(() => PostgresServer.StartAsync());

    /// <summary>The server, started once.</summary>
    public Task<PostgresServer> ServerAsync() => _server.Value;

    /// <summary>An empty database on it for the calling test.</summary>
    public async Task<PostgresDatabase> CreateDatabaseAsync() =>
        await (await ServerAsync()).CreateDatabaseAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (await _server.Value).DisposeAsync();
        }
    }
}
