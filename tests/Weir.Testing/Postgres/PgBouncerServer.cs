using Weir.Testing.Processes;

namespace Weir.Testing.Postgres;

/// <summary>A PgBouncer in front of a test server, for what a pooler as upstream does to a gateway. It ends with the test process.</summary>
public sealed class PgBouncerServer : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);

    private readonly BackgroundProcess _process;

    private PgBouncerServer(int port, BackgroundProcess process)
    {
        Port = port;
        _process = process;
    }

    public int Port { get; }

    /// <summary>Starts a pooler for every database of a server; clients log in as the server's superuser.</summary>
    /// <param name="poolMode"><c>session</c>, <c>transaction</c> or <c>statement</c>.</param>
    public static async Task<PgBouncerServer> StartAsync(PostgresServer upstream, string poolMode, CancellationToken cancellationToken = default)
    {
        var port = FreePort.Next();
        var process = BackgroundProcess.Start(
            RepositoryRoot.Combine("tests/Weir.Testing/Postgres/pgbouncer.sh"),
            [$"{port}", $"{upstream.Port}", poolMode],
            new Dictionary<string, string?> { ["UPSTREAM_PASSWORD"] = upstream.Password });
        try
        {
            await process.WaitForLineAsync(line => line == "ready", StartDeadline, cancellationToken);
            return new PgBouncerServer(port, process);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
