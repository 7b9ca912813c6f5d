using System.Text.Json.Nodes;
using Npgsql;
using Weir.Testing;
using Weir.Testing.Processes;

namespace Weir.ControlPlane.Server.Tests.Support;

/// <summary>
/// The built agent as a process, enrolled with a control plane of these tests, in front of a database of its own: connection, access for developers, and a rule
/// that holds every DELETE of a person for <c>dba</c>.
/// </summary>
internal sealed class AgentFixture : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ControlPlaneServer _server;
    private readonly string _directory = Directory.CreateTempSubdirectory("weir-agent-").FullName;
    private readonly Dictionary<string, string?> _environment;
    private BackgroundProcess? _process;

    private AgentFixture(ControlPlaneServer server, string name, int grpcPort)
    {
        (_server, Name) = (server, name);
        Port = FreePort.Next();
        _environment = new()
        {
            ["WEIR_CONTROL_PLANE_URL"] = $"https://127.0.0.1:{grpcPort}",
            ["WEIR_CA_FILE"] = server.CaFile,
            ["WEIR_AGENT_NAME"] = name,
            ["WEIR_AGENT_DATA_DIR"] = Path.Combine(_directory, "data"),
            ["WEIR_AGENT_LISTEN"] = $"127.0.0.1:{Port}",
            ["WEIR_AGENT_ADVERTISE"] = $"127.0.0.1:{Port}",
            ["WEIR_AGENT_SPOOL_BYTES"] = "16777216",
            ["WEIR_AGENT_DRAIN_TIMEOUT"] = "1",
            ["THINGS_DB_PASSWORD"] = server.Postgres.Password,
        };
    }

    /// <summary>Of the agent, its connection and its database.</summary>
    public string Name { get; }

    public int Port { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="grpcPort">Of the control plane that the agent connects to.</param>
    public static async Task<AgentFixture> StartAsync(ControlPlaneServer server, int? grpcPort = null)
    {
        var agent = new AgentFixture(server, $"a-{Guid.NewGuid():N}"[..16], grpcPort ?? server.GrpcPort);
        await server.Postgres.ExecuteAsync("postgres", $"CREATE DATABASE \"{agent.Name}\"", Cancellation);
        await server.Postgres.ExecuteAsync(agent.Name, "CREATE TABLE things (id int PRIMARY KEY, note text); INSERT INTO things SELECT n, 'thing ' || n FROM generate_series(1, 1000) n", Cancellation);
        using var admin = server.Admin();
        var documents = JsonNode.Parse($$$"""
            {"documents":[
              {"apiVersion":"weir/v1","kind":"Connection","metadata":{"name":"{{{agent.Name}}}"},
               "spec":{"protocol":"postgres","agents":{"names":["{{{agent.Name}}}"]},
                       "upstream":{"host":"127.0.0.1","port":{{{server.Postgres.Port}}},"database":"{{{agent.Name}}}","tls":"disable","user":"{{{Weir.Testing.Postgres.PostgresServer.Superuser}}}","password":{"env":"THINGS_DB_PASSWORD"} } } },
              {"apiVersion":"weir/v1","kind":"AccessRule","metadata":{"name":"{{{agent.Name}}}"},
               "spec":{"principals":{"groups":["engineers"]},"connections":{"names":["{{{agent.Name}}}"]},"access":"write","mode":"standing"} },
              {"apiVersion":"weir/v1","kind":"Guardrail","metadata":{"name":"{{{agent.Name}}}"},
               "spec":{"connections":{"names":["{{{agent.Name}}}"]},"when":{"effects":["delete"]},"action":"review","review":{"reviewers":["dba"]},"message":"Look first."} }]}
            """)!;
        var (status, answer) = await ControlPlaneServer.SendAsync(admin, HttpMethod.Post, "/api/v1/documents/apply", documents);
        status.ShouldBe(200, answer?.ToJsonString());
        var (_, token) = await ControlPlaneServer.SendAsync(admin, HttpMethod.Post, "/api/v1/agents/enrollment-tokens", new JsonObject { ["name"] = agent.Name });
        agent._environment["WEIR_ENROLLMENT_TOKEN"] = token!["token"]!.GetValue<string>();
        await agent.StartProcessAsync();
        return agent;
    }

    /// <summary>Ends the agent as a service manager does, and starts it again.</summary>
    public async Task RestartAsync()
    {
        await _process!.SignalAsync("TERM", Cancellation);
        await _process.WaitForExitAsync(Patience, Cancellation);
        await _process.DisposeAsync();
        await StartProcessAsync();
    }

    /// <summary>A connection through the agent, as the developer.</summary>
    public async Task<NpgsqlConnection> OpenAsync()
    {
        var (user, password) = await IssueAsync();
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Database = Name,
            Username = user,
            Password = password,
            Pooling = false,
            Timeout = 30,
            CommandTimeout = 60,
        };
        NpgsqlException? last = null;
        try
        {
            return await Eventually.GetAsync(ConnectAsync, Patience, "the agent takes the client", Cancellation);
        }
        catch (TimeoutException timeout)
        {
            throw new InvalidOperationException($"{last?.Message}\n{_process!.Output}", timeout);
        }

        // The agent may still be told of connection and credential.
        async Task<NpgsqlConnection?> ConnectAsync()
        {
            var connection = new NpgsqlConnection(text.ConnectionString);
            try
            {
                await connection.OpenAsync(Cancellation);
                return connection;
            }
            catch (NpgsqlException refused)
            {
                last = refused;
                await connection.DisposeAsync();
                return null;
            }
        }
    }

    /// <summary>A credential for this agent's connection, of the developer.</summary>
    public async Task<(string User, string Password)> IssueAsync()
    {
        using var developer = _server.Client(_server.Tokens["dev@weir.example"]);
        var (status, issued) = await ControlPlaneServer.SendAsync(developer, HttpMethod.Post, "/api/v1/credentials", new JsonObject { ["connection"] = Name });
        status.ShouldBe(200, issued?.ToJsonString());
        return (issued!["id"]!.GetValue<string>(), issued["secret"]!.GetValue<string>());
    }

    /// <summary>The open review of this agent's connection, as the reviewer sees it.</summary>
    public async Task<JsonNode> NextReviewAsync(HttpClient reviewer) => await Eventually.GetAsync(
        async () => (await ControlPlaneServer.SendAsync(reviewer, HttpMethod.Get, "/api/v1/reviews?limit=200")).Body!["items"]!.AsArray().FirstOrDefault(r => r!["connection"]!.ToString() == Name),
        Patience,
        "a review is open",
        Cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private async Task StartProcessAsync()
    {
        _process = BackgroundProcess.Start(Path.Combine(AppContext.BaseDirectory, "weir-agent"), [], _environment);
        await _process.WaitForLineAsync(l => l.Contains("Listening on", StringComparison.Ordinal), Patience, Cancellation);
    }
}
