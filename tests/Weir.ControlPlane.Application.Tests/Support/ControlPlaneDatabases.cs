using Npgsql;
using Weir.ControlPlane.Application.Persistence;
using Weir.Testing;
using Weir.Testing.Postgres;
using Weir.Testing.Processes;

namespace Weir.ControlPlane.Application.Tests.Support;

/// <summary>
/// One PostgreSQL server for the assembly, with the roles and the database that deploy/lib/control-plane.sql makes, migrated once as the owner; every test
/// gets a copy of its own.
/// </summary>
public sealed class ControlPlaneDatabases : IAsyncDisposable
{
    private const string Template = "weir";
    private const string OwnerPassword = "owner-of-tests";
    private const string ServerPassword = "server-of-tests";

    private readonly Lazy<Task<PostgresServer>> _server = new(PrepareAsync);
    private readonly SemaphoreSlim _copying = new(1, 1);
    private int _copies;

    public async Task<ControlPlaneDatabase> CreateAsync()
    {
        var server = await _server.Value;
        var name = $"weir_{Interlocked.Increment(ref _copies)}";

        // PostgreSQL copies a template for one at a time.
        await _copying.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await server.ExecuteAsync(PostgresServer.Superuser, $"CREATE DATABASE {name} TEMPLATE {Template} OWNER weir_owner", TestContext.Current.CancellationToken);
        }
        finally
        {
            _copying.Release();
        }

        return new ControlPlaneDatabase(
            server, name, server.ConnectionString(name), server.ConnectionString(name, "weir_owner", OwnerPassword), Pooled(server.ConnectionString(name, "weir_server", ServerPassword)));
    }

    // As the server has it: what a connection carried over from one use to the next would show.
    private static string Pooled(string connection) => new NpgsqlConnectionStringBuilder(connection) { Pooling = true, MaxPoolSize = 20 }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (await _server.Value).DisposeAsync();
        }

        _copying.Dispose();
    }

    private static async Task<PostgresServer> PrepareAsync()
    {
        var server = await PostgresServer.StartAsync();
        var script = await ProcessRunner.RunAsync(
            "psql",
            ["--no-psqlrc", "--quiet", "--dbname", server.Url(PostgresServer.Superuser), "--file", RepositoryRoot.Combine("deploy/lib/control-plane.sql")],
            new Dictionary<string, string?> { ["WEIR_OWNER_PASSWORD"] = OwnerPassword, ["WEIR_SERVER_PASSWORD"] = ServerPassword });
        script.EnsureSuccess();
        await DatabaseMigration.ApplyAsync(server.ConnectionString(Template, "weir_owner", OwnerPassword), CancellationToken.None);
        return server;
    }
}
