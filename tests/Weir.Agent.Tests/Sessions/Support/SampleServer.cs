using Weir.Agent.Tests.Sessions.Support;
using Weir.Testing.Postgres;

[assembly: AssemblyFixture(typeof(SampleServer))]

namespace Weir.Agent.Tests.Sessions.Support;

/// <summary>A real server with the sample database, owned by <see cref="Owner"/>, which sessions log in as. Started once, by the first test that needs it.</summary>
public sealed class SampleServer : IAsyncDisposable
{
    public const string Owner = "orders_app";
    public const string Database = "orders";

    private readonly Lazy<Task<PostgresServer>> _server;

    public SampleServer() => _server = new Lazy<Task<PostgresServer>>(() => StartAsync(null));

    /// <summary>A server of a certain major version.</summary>
    internal SampleServer(int major) => _server = new Lazy<Task<PostgresServer>>(() => StartAsync(major));

    /// <summary>The owner's password.</summary>
    public string Password { get; private set; } = "";

    public Task<PostgresServer> ServerAsync() => _server.Value;

    /// <summary>Runs SQL as superuser, behind the gateway's back.</summary>
    public async Task ExecuteAsync(string sql) =>
        await (await ServerAsync()).ExecuteAsync(Database, sql, TestContext.Current.CancellationToken);

    /// <summary>The first column of the first row as text, as superuser; null for NULL or no row.</summary>
    public async Task<string?> AskAsync(string sql)
    {
        await using var connection = new Npgsql.NpgsqlConnection((await ServerAsync()).ConnectionString(Database));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        return (await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))?.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
            await (await _server.Value).DisposeAsync();
    }

    private async Task<PostgresServer> StartAsync(int? major)
    {
        var server = await PostgresServer.StartAsync(new PostgresServerOptions { Major = major, Tls = true, Settings = new Dictionary<string, string> { ["max_connections"] = "200" } });
        Password = await server.CreateRoleAsync(Owner);
        await server.ExecuteAsync(PostgresServer.Superuser, $"CREATE DATABASE {Database} OWNER {Owner}");
        await server.ExecuteAsync(Database, $"GRANT CREATE ON SCHEMA public TO {Owner}");
        await new PostgresDatabase(server, Database).LoadSampleAsync(200);
        await server.ExecuteAsync(Database, $"""
            DO $$ DECLARE r record; BEGIN
              FOR r IN SELECT c.oid::regclass AS name, c.relkind FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') LOOP
                EXECUTE format('ALTER %s %s OWNER TO {Owner}', CASE r.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, r.name);
              END LOOP;
            END $$;
            ALTER FUNCTION order_total OWNER TO {Owner};
            """);
        return server;
    }
}
