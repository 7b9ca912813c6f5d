using System.Collections;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Organizations;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Server.Configuration;
using Weir.ControlPlane.Server.Hosting;
using Weir.Testing;
using Weir.Testing.Postgres;
using Weir.Testing.Processes;

[assembly: AssemblyFixture(typeof(Weir.ControlPlane.Server.Tests.Support.ControlPlaneServer))]

namespace Weir.ControlPlane.Server.Tests.Support;

/// <summary>
/// The whole control plane in this process, with its listeners and a real database, as <c>deploy/</c> sets it up. Two organizations: <c>default</c> and <c>other</c>.
/// </summary>
public sealed class ControlPlaneServer : IAsyncLifetime
{
    public const string AdminEmail = "admin@weir.example";
    public const string Password = "correct horse battery staple";

    private const string OwnerPassword = "owner-of-tests";
    private const string ServerPassword = "server-of-tests";

    private readonly string _data = Directory.CreateTempSubdirectory("weir-server-").FullName;
    private PostgresServer? _postgres;
    private WebApplication? _app;

    public Uri Url { get; private set; } = null!;

    public int GrpcPort { get; private set; }

    public string CaFile => Path.Combine(_data, "ca.crt");

    /// <summary>Tokens of <c>default</c> by principal.</summary>
    public IReadOnlyDictionary<string, string> Tokens { get; private set; } = null!;

    /// <summary>Tokens of <c>other</c> by principal.</summary>
    public IReadOnlyDictionary<string, string> OtherTokens { get; private set; } = null!;

    internal IServiceProvider Services => _app!.Services;

    internal PostgresServer Postgres => _postgres!;

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServer.StartAsync(new PostgresServerOptions { Settings = new Dictionary<string, string> { ["track_commit_timestamp"] = "on" } });
        (await ProcessRunner.RunAsync(
            "psql",
            ["--no-psqlrc", "--quiet", "--dbname", _postgres.Url(PostgresServer.Superuser), "--file", RepositoryRoot.Combine("deploy/lib/control-plane.sql")],
            new Dictionary<string, string?> { ["WEIR_OWNER_PASSWORD"] = OwnerPassword, ["WEIR_SERVER_PASSWORD"] = ServerPassword })).EnsureSuccess();
        await DatabaseMigration.ApplyAsync(_postgres.ConnectionString("weir", "weir_owner", OwnerPassword), CancellationToken.None);
        var options = Options();
        Url = options.PublicUrl;
        GrpcPort = options.GrpcPort;
        _app = ServerHost.Build(options);
        await ServerHost.EnsureReadyAsync(_app, CancellationToken.None);
        await _app.StartAsync();
        Tokens = await BootstrapAsync("default", AdminEmail);
        OtherTokens = await BootstrapAsync("other", "admin@other.example");
    }

    /// <summary>Settings of a control plane on ports of its own and the same database.</summary>
    internal ServerOptions Options(params (string Key, string Value)[] more)
    {
        var http = FreePort.Next();
        var environment = new Hashtable
        {
            ["WEIR_HTTP_PORT"] = $"{http}",
            ["WEIR_GRPC_PORT"] = $"{FreePort.Next()}",
            ["WEIR_RELAY_PORT"] = $"{FreePort.Next()}",
            ["WEIR_PUBLIC_URL"] = $"http://127.0.0.1:{http}",
            ["WEIR_DATABASE_URL"] = _postgres!.Url("weir", "weir_server", ServerPassword),
            ["WEIR_DATA_DIR"] = _data,
            ["WEIR_ORGANIZATION"] = "default",

            // The receivers of the tests listen here.
            ["WEIR_WEBHOOK_ALLOWED_NETWORKS"] = "127.0.0.0/8",
        };
        foreach (var (key, value) in more)
        {
            environment[key] = value;
        }

        return ServerOptions.FromEnvironment(environment);
    }

    /// <summary>A client of the API; without a token for null.</summary>
    public HttpClient Client(string? token)
    {
        var client = new HttpClient { BaseAddress = Url };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return client;
    }

    public HttpClient Admin() => Client(Tokens[AdminEmail]);

    /// <summary>Sends JSON and reads JSON; whatever the status.</summary>
    public static async Task<(int Status, JsonNode? Body)> SendAsync(HttpClient client, HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text is ['{' or '[', ..] ? JsonNode.Parse(text) : null);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        Directory.Delete(_data, recursive: true);
    }

    private async Task<IReadOnlyDictionary<string, string>> BootstrapAsync(string organization, string administrator)
    {
        var domain = administrator.Split('@')[1];
        var made = await Services.GetRequiredService<ActorMediator>().SendAsync(
            Actor.System,
            new Bootstrap.Command(
                organization,
                new Bootstrap.Administrator(administrator, Password),
                [
                    new Bootstrap.User($"dev@{domain}", "Developer", ["engineers"], Token: true),
                    new Bootstrap.User($"dba@{domain}", "Reviewer", ["dba"], Token: true),
                ],
                AiAgents: [new Bootstrap.AiAgent("assistant", $"dev@{domain}", [], Token: true)]),
            CancellationToken.None);
        return made.Tokens;
    }
}
