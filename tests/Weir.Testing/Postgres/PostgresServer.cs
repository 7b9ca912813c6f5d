using Npgsql;
using Weir.Testing.Processes;

namespace Weir.Testing.Postgres;

/// <summary>
/// A real PostgreSQL server for tests: on loopback, scram-sha-256, empty, without durability. It ends with the test process,
/// however that ends, and leaves nothing behind.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    public const string Superuser = "postgres";
    public const int DefaultMajor = 18;

    // The first start on a machine fetches the binaries and makes the cluster that later ones copy.
    private static readonly TimeSpan StartDeadline = TimeSpan.FromMinutes(3);
    private const int Attempts = 3;

    private readonly BackgroundProcess _process;
    private readonly Dictionary<string, string> _facts;
    private int _databases;

    private PostgresServer(int major, int port, BackgroundProcess process)
    {
        Major = major;
        Port = port;
        _process = process;
        _facts = process.Output.Split('\n')
            .Where(line => line.Contains('=', StringComparison.Ordinal))
            .ToDictionary(line => line[..line.IndexOf('=', StringComparison.Ordinal)], line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]);
    }

    public int Major { get; }

    public int Port { get; }

    public string Host { get; } = "127.0.0.1";

    /// <summary>The password of <see cref="Superuser"/>.</summary>
    public string Password => _facts["password"];

    /// <summary>The directory of the server's programs.</summary>
    public string BinDirectory => _facts["bin"];

    /// <summary>The directory of the cluster.</summary>
    public string DataDirectory => _facts["data"];

    /// <summary>The server's log.</summary>
    public string LogFile => _facts["log"];

    /// <summary>The certificate to trust for <c>verify-full</c>; null when the server was started without TLS.</summary>
    public string? CaFile => _facts.GetValueOrDefault("ca");

    /// <summary>Starts a server and returns when it accepts connections.</summary>
    public static async Task<PostgresServer> StartAsync(PostgresServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new PostgresServerOptions();
        var major = options.Major ?? MajorFromEnvironment();
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Next();
            var process = BackgroundProcess.Start(
                RepositoryRoot.Combine("tests/Weir.Testing/Postgres/throwaway-postgres.sh"),
                [$"{major}", $"{port}", .. options.Tls ? ["tls"] : Array.Empty<string>(), .. options.StandbyOf is { } primary ? ["standby", $"{primary}"] : Array.Empty<string>(), .. options.Settings.Select(setting => $"{setting.Key}={setting.Value}")]);
            try
            {
                await process.WaitForLineAsync(line => line == "ready", StartDeadline, cancellationToken);
                return new PostgresServer(major, port, process);
            }
            catch (InvalidOperationException) when (attempt < Attempts && process.Output.Contains("could not bind", StringComparison.Ordinal))
            {
                // Another process has taken the port in between.
                await process.DisposeAsync();
            }
            catch
            {
                await process.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Npgsql's connection string of a database, as superuser.</summary>
    public string ConnectionString(string database) => ConnectionString(database, Superuser, Password);

    /// <summary>Npgsql's connection string of a database. Pooling is off, so that a database can be dropped when the test is over.</summary>
    public string ConnectionString(string database, string user, string password) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = Host,
            Port = Port,
            Database = database,
            Username = user,
            Password = password,
            Pooling = false,
            IncludeErrorDetail = true,
        }.ConnectionString;

    /// <summary>libpq's URL of a database, as superuser.</summary>
    public string Url(string database) => Url(database, Superuser, Password);

    /// <summary>libpq's URL of a database.</summary>
    public string Url(string database, string user, string password) =>
        $"postgresql://{Uri.EscapeDataString(user)}:{Uri.EscapeDataString(password)}@{Host}:{Port}/{Uri.EscapeDataString(database)}";

    /// <summary>Creates an empty database of this test's own; disposing of it drops it.</summary>
    public async Task<PostgresDatabase> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync(Superuser, $"CREATE DATABASE {name}", cancellationToken);
        return new PostgresDatabase(this, name);
    }

    /// <summary>Creates a role that may log in and is nothing more, and returns its password.</summary>
    public async Task<string> CreateRoleAsync(string name, CancellationToken cancellationToken = default)
    {
        var password = $"pw-{Guid.NewGuid():N}";
        await ExecuteAsync(Superuser, $"CREATE ROLE \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" LOGIN PASSWORD '{password}'", cancellationToken);
        return password;
    }

    /// <summary>Runs SQL in a database as superuser.</summary>
    public async Task ExecuteAsync(string database, string sql, CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database));
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static int MajorFromEnvironment() =>
        int.TryParse(Environment.GetEnvironmentVariable("WEIR_TEST_POSTGRES"), out var major) ? major : DefaultMajor;
}
