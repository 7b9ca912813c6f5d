using Weir.Testing.Processes;

namespace Weir.Testing.Postgres;

/// <summary>A database that belongs to one test. Disposing of it drops it, with whatever is still connected.</summary>
public sealed class PostgresDatabase(PostgresServer server, string name) : IAsyncDisposable
{
    public PostgresServer Server { get; } = server;

    public string Name { get; } = name;

    /// <summary>Npgsql's connection string, as superuser.</summary>
    public string ConnectionString => Server.ConnectionString(Name);

    /// <summary>libpq's URL, as superuser.</summary>
    public string Url => Server.Url(Name);

    /// <summary>Runs SQL as superuser.</summary>
    public Task ExecuteAsync(string sql, CancellationToken cancellationToken = default) => Server.ExecuteAsync(Name, sql, cancellationToken);

    /// <summary>Runs a script of many statements as superuser, through psql; fails at its first error.</summary>
    public async Task ScriptAsync(string script, CancellationToken cancellationToken = default) =>
        (await new PsqlClient().ScriptAsync(Url, "\\set ON_ERROR_STOP on\n" + script, cancellationToken)).EnsureSuccess();

    /// <summary>Loads the sample database of <c>deploy/sample</c>.</summary>
    /// <param name="customers">How many; there are half as many orders again.</param>
    public async Task LoadSampleAsync(int customers = 1000, CancellationToken cancellationToken = default)
    {
        string[] arguments =
        [
            "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--set", $"customers={customers}", "--dbname", Url,
            "--file", RepositoryRoot.Combine("deploy/sample/schema.sql"), "--file", RepositoryRoot.Combine("deploy/sample/data.sql"),
        ];
        (await ProcessRunner.RunAsync("psql", arguments, cancellationToken: cancellationToken)).EnsureSuccess();
    }

    public async ValueTask DisposeAsync() =>
        await Server.ExecuteAsync(PostgresServer.Superuser, $"DROP DATABASE IF EXISTS {Name} WITH (FORCE)", CancellationToken.None);
}
