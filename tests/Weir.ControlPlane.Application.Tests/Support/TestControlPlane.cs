using System.Security.Cryptography;
using System.Text.Json;
using Mediator;
using Microsoft.Extensions.DependencyInjection;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Delivery;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Features.Organizations;
using Weir.ControlPlane.Application.Features.Sessions.Recording;
using Weir.ControlPlane.Application.Features.Tokens;
using Weir.ControlPlane.Application.Signals;

namespace Weir.ControlPlane.Application.Tests.Support;

/// <summary>The real use cases with the real pipeline, on a database of their own and a clock that stands still.</summary>
internal sealed class TestControlPlane : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly string _masterKey = Path.Combine(Path.GetTempPath(), $"weir-master-{Guid.NewGuid():N}");

    private TestControlPlane(ControlPlaneDatabase database)
    {
        Database = database;
        Options = new ControlPlaneOptions
        {
            ConnectionString = database.ServerConnection,
            MasterKeyFile = _masterKey,
            PublicUrl = "https://weir.example",
            RelayEndpoint = "relay.example:6432",
        };
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton<IAgentDelivery>(Delivery);
        services.AddSingleton<ISessionEventReader>(Events);
        services.AddMediator(o => o.ServiceLifetime = ServiceLifetime.Scoped);
        services.AddControlPlaneApplication(Options);
        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
    }

    public ControlPlaneDatabase Database { get; }

    public ControlPlaneOptions Options { get; }

    public TestClock Time { get; } = new();

    public FakeAgentDelivery Delivery { get; } = new();

    public FakeEventReader Events { get; } = new();

    public IClusterSignals Signals => _services.GetRequiredService<IClusterSignals>();

    public IServiceProvider Services => _services;

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<TestControlPlane> StartAsync(ControlPlaneDatabases databases) => new(await databases.CreateAsync());

    public Task<TResponse> SendAsync<TResponse>(Actor actor, IRequest<TResponse> request) =>
        _services.GetRequiredService<ActorMediator>().SendAsync(actor, request, Cancellation);

    /// <summary>An organization with an administrator, developers, dbas, an AI agent of the developer and an enrolled agent, with the documents given.</summary>
    public async Task<TestOrganization> CreateOrganizationAsync(string name = "default", params string[] documents)
    {
        var made = await SendAsync(Actor.System, SampleBootstrap(name));
        var organization = new TestOrganization
        {
            Id = made.OrganizationId,
            Admin = await SignInAsync(made.Tokens["admin@weir.example"]),
            Dev = await SignInAsync(made.Tokens["dev@weir.example"]),
            Dba = await SignInAsync(made.Tokens["dba@weir.example"]),
            Support = await SignInAsync(made.Tokens["support@weir.example"]),
            Assistant = await SignInAsync(made.Tokens["assistant"]),
            Service = await SignInAsync(made.Tokens["etl"]),
            Agent = await EnrollAsync(made.AgentEnrollmentTokens["edge"], "edge"),
            Tokens = made.Tokens,
        };
        if (documents.Length > 0)
        {
            await ApplyAsync(organization.Admin, documents);
        }

        return organization;
    }

    /// <summary>The actor of a token that must be good.</summary>
    public async Task<Actor> SignInAsync(string token) => (await SendAsync(Actor.Anonymous, new AuthenticateToken.Command(token))).Actor.ShouldNotBeNull();

    public async Task<Actor> EnrollAsync(string token, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var enrolled = await SendAsync(
            Actor.Anonymous, new EnrollAgent.Command(token, name, key.ExportSubjectPublicKeyInfo(), "0.1.0", new Dictionary<string, string>()));
        return Actor.ForAgent(enrolled.OrganizationId, enrolled.AgentId, enrolled.Name);
    }

    public Task<ApplyDocuments.Response> ApplyAsync(Actor actor, params string[] documents) => SendAsync(actor, Apply(false, documents));

    public static ApplyDocuments.Command Apply(bool dryRun, params string[] documents) => new([.. documents.Select(ReadJson)], dryRun);

    public static JsonElement ReadJson(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    /// <summary>As deploy/quickstart.sh asks for it.</summary>
    public static Bootstrap.Command SampleBootstrap(string organization = "default") => new(
        organization,
        new Bootstrap.Administrator("admin@weir.example", "correct horse battery"),
        [
            new Bootstrap.User("dev@weir.example", "A developer", ["engineers"], true),
            new Bootstrap.User("dba@weir.example", "A reviewer", ["dba"], true),
            new Bootstrap.User("support@weir.example", "Support desk", ["support"], true),
        ],
        [new Bootstrap.ServiceAccount("etl", ["machines"], true)],
        [new Bootstrap.AiAgent("assistant", "dev@weir.example", [], true)],
        [new Bootstrap.Agent("edge")]);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        File.Delete(_masterKey);
        await Database.DisposeAsync();
    }
}
