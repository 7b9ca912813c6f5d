using System.Text.Json.Nodes;
using Npgsql;
using Weir.Testing;
using Weir.Testing.Postgres;
using Weir.Testing.Processes;

[assembly: AssemblyFixture(typeof(Weir.EndToEnd.Tests.Support.Quickstart))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Weir.EndToEnd.Tests.Support;

/// <summary>
/// What a newcomer gets: <c>deploy/quickstart.sh --detach</c>, once for all tests, with a state directory and ports of its own. Tests share
/// it and therefore leave it as they found it.
/// </summary>
public sealed class Quickstart : IAsyncLifetime
{
    private static readonly TimeSpan BuildDeadline = TimeSpan.FromMinutes(15);
    private static readonly string[] PortNames = ["WEIR_HTTP_PORT", "WEIR_GRPC_PORT", "WEIR_RELAY_PORT", "WEIR_AGENT_PORT", "WEIR_POSTGRES_PORT"];

    private readonly Dictionary<string, string?> _environment = [];

    public string State { get; } = Path.Combine(Path.GetTempPath(), $"weir-e2e-{Guid.NewGuid():N}");

    /// <summary>The keys of <c>quickstart.env</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; private set; } = new Dictionary<string, string>();

    public string DirectUrl => Settings["WEIR_DIRECT_URL"];

    public string RelayUrl => Settings["WEIR_RELAY_URL"];

    public string UpstreamUrl => Settings["WEIR_UPSTREAM_URL"];

    public PsqlClient Psql { get; } = new();

    public async ValueTask InitializeAsync()
    {
        foreach (var name in PortNames)
        {
            _environment[name] = $"{FreePort.Next()}";
        }

        _environment["WEIR_STATE_DIR"] = State;
        var run = await ProcessRunner.RunAsync(RepositoryRoot.Combine("deploy/quickstart.sh"), ["--detach"], _environment, deadline: BuildDeadline);
        if (run.ExitCode != 0)
        {
            throw new InvalidOperationException($"deploy/quickstart.sh failed.\n{run.Output}");
        }

        Settings = File.ReadLines(Path.Combine(State, "quickstart.env"))
            .Select(line => line.Split('=', 2))
            .ToDictionary(parts => parts[0], parts => parts[1].Trim('\''));
    }

    /// <summary>Runs <c>weir</c> with a bearer token; fails when it does.</summary>
    public async Task<string> WeirAsync(string tokenKey, params string[] arguments) => (await TryWeirAsync(tokenKey, arguments)).EnsureSuccess().StandardOutput;

    public Task<ProcessResult> TryWeirAsync(string tokenKey, params string[] arguments) => ProcessRunner.RunAsync(
        Path.Combine(State, "bin", "weir"),
        arguments,
        new Dictionary<string, string?> { ["WEIR_API_URL"] = Settings["WEIR_API_URL"], ["WEIR_TOKEN"] = Settings[tokenKey] });

    /// <summary>Runs <c>weir … -o json</c>.</summary>
    public async Task<JsonNode> WeirJsonAsync(string tokenKey, params string[] arguments) =>
        JsonNode.Parse(await WeirAsync(tokenKey, [.. arguments, "-o", "json"]))!;

    /// <summary>An open Npgsql connection by a libpq URL.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(string url, Action<NpgsqlConnectionStringBuilder>? configure = null)
    {
        var address = new Uri(url);
        var user = address.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.Port,
            Username = Uri.UnescapeDataString(user[0]),
            Password = Uri.UnescapeDataString(user[1]),
            Database = Uri.UnescapeDataString(address.AbsolutePath.Trim('/')),
            Pooling = false,
            Timeout = 15,
            CommandTimeout = 30,
            SslMode = SslMode.Disable,
        };
        configure?.Invoke(builder);
        var connection = new NpgsqlConnection(builder.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    /// <summary>A value from the database itself, behind the gateway's back.</summary>
    public async Task<T?> UpstreamAsync<T>(string sql)
    {
        await using var connection = await OpenAsync(UpstreamUrl);
        await using var command = new NpgsqlCommand(sql, connection);
        var value = await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
        return value is null or DBNull ? default : (T)value;
    }

    /// <summary>The one open review of the connection, once it is there.</summary>
    public Task<JsonNode> OpenReviewAsync(string statementPart) => Eventually.GetAsync(
        async () => (await WeirJsonAsync("WEIR_REVIEWER_TOKEN", "reviews", "list")).AsArray()
            .FirstOrDefault(r => r!["statement"]!.GetValue<string>().Contains(statementPart, StringComparison.Ordinal)),
        TimeSpan.FromSeconds(20),
        $"a review of '{statementPart}' opens",
        TestContext.Current.CancellationToken);

    /// <summary>Ends one of the processes, <c>server</c> or <c>agent</c>, with a signal, and returns when it is gone.</summary>
    public async Task EndAsync(string process, string signal)
    {
        var pid = (await File.ReadAllTextAsync(Path.Combine(State, "run", process + ".pid"), TestContext.Current.CancellationToken)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0];
        (await ProcessRunner.RunAsync("kill", ["-s", signal, pid])).EnsureSuccess();
        await Eventually.HoldsAsync(
            async () => (await ProcessRunner.RunAsync("ps", ["-o", "stat=", "-p", pid])).StandardOutput.Trim() is "" or ['Z', ..],
            TimeSpan.FromSeconds(30),
            $"the {process} has ended",
            TestContext.Current.CancellationToken);
    }

    /// <summary>Brings back what a test has stopped: running the quickstart again is harmless.</summary>
    public async Task RestartAsync() =>
        (await ProcessRunner.RunAsync(RepositoryRoot.Combine("deploy/quickstart.sh"), ["--detach"], _environment, deadline: BuildDeadline)).EnsureSuccess();

    public async ValueTask DisposeAsync()
    {
        var stop = await ProcessRunner.RunAsync(RepositoryRoot.Combine("deploy/quickstart.sh"), ["--stop"], _environment, deadline: TimeSpan.FromMinutes(2));
        if (Environment.GetEnvironmentVariable("WEIR_TEST_KEEP") is null)
        {
            Directory.Delete(State, recursive: true);
        }

        stop.EnsureSuccess();
    }
}
