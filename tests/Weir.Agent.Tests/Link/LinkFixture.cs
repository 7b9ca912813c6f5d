using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Configuration;
using Weir.Agent.Link;
using Weir.Agent.Policies;
using Weir.Agent.Recording;
using Weir.Agent.Reviews;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Tests.Link;

/// <summary>The agent's side of the link with all its state, against a fake control plane; sessions are fakes too.</summary>
internal sealed class LinkFixture : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly DataDirectory _data;
    private readonly SpoolFlusher _flusher;
    private readonly ControlPlaneChannel _channel;
    private readonly TunnelDialer _tunnels;
    private readonly CancellationTokenSource _stop = new();
    private readonly AgentLinkClient _client;
    private Task _running = Task.CompletedTask;

    private LinkFixture(FakeControlPlane plane, TimeProvider time)
    {
        Plane = plane;
        _data = _directory.OpenData();
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Identity = new AgentIdentity(Guid.NewGuid(), Guid.NewGuid(), "weir-agents", key);
        var options = AgentOptionsReader.Read(new Dictionary<string, string>
        {
            ["WEIR_CONTROL_PLANE_URL"] = plane.Url.ToString(),
            ["WEIR_AGENT_DATA_DIR"] = _directory.Path,
            ["WEIR_AGENT_ADVERTISE"] = "agent.example.com:6433",
            ["WEIR_AGENT_LABELS"] = "env=test",
        });
        var stateKey = Identity.DeriveSecret("state");
        Policies = new PolicyHolder(time);
        Secrets = new StoredSecrets();
        var log = NullLogger.Instance;
        SnapshotStore = new SnapshotStore(new SealedFile(_data, "snapshot", stateKey), new SealedFile(_data, "heard", stateKey), Policies, Secrets, Identity.OrganizationId, log);
        Credentials = new CredentialDirectory(new SealedFile(_data, "credentials", stateKey), new byte[32]);
        Spool = Spool.Open(_data.PathOf("spool"), 16L * 1024 * 1024);
        _flusher = new SpoolFlusher(Spool, SpoolDurability.Group);
        Recorder = new Recorder(Spool, SpoolDurability.Group, Policies, Identity.OrganizationId, Identity.AgentId, time);
        Reviews = new ReviewDesk(new byte[32], Policies, new ReviewFile(new SealedLog(_data, "reviews", stateKey)), Outbox, time, log);
        _channel = new ControlPlaneChannel(options, time);
        _tunnels = new TunnelDialer(new Tunnel.TunnelClient(_channel.Tunnels), () => _channel.Authorize(Identity), Sessions, 100, time, log);
        Statuses = new ConnectionStatusBoard(Outbox);
        var state = new LinkState(SnapshotStore, Credentials, Reviews, Spool, new EventPump(Spool), Statuses, Sessions);
        var delay = new ReconnectDelay(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(100), new Random(1));
        _client = new AgentLinkClient(options, Identity, _channel, state, Outbox, _tunnels, delay, TimeProvider.System, log);
    }

    public FakeControlPlane Plane { get; private set; }

    public AgentIdentity Identity { get; }

    public PolicyHolder Policies { get; }

    public StoredSecrets Secrets { get; }

    public SnapshotStore SnapshotStore { get; }

    public CredentialDirectory Credentials { get; }

    public Spool Spool { get; }

    public Recorder Recorder { get; }

    public LinkOutbox Outbox { get; } = new();

    public ReviewDesk Reviews { get; }

    public ConnectionStatusBoard Statuses { get; }

    public FakeSessions Sessions { get; } = new();

    public string DataPath => _directory.Path;

    public static async Task<LinkFixture> StartAsync(bool connects = true, TimeProvider? time = null)
    {
        var fixture = new LinkFixture(await FakeControlPlane.StartAsync(), time ?? TimeProvider.System);
        if (connects)
            fixture.Connect();
        return fixture;
    }

    public void Connect() => _running = _client.RunAsync(_stop.Token);

    /// <summary>The control plane dies and comes back on the same port.</summary>
    public async Task RestartPlaneAsync()
    {
        var port = Plane.Url.Port;
        await Plane.DisposeAsync();
        Plane = await FakeControlPlane.StartAsync(port);
    }

    public PolicySnapshot Snapshot(long version, params ReadOnlySpan<Document> documents) => Snapshots.Make(Identity.OrganizationId, version, documents);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _tunnels.DisposeAsync();
        await Plane.DisposeAsync();
        _flusher.Dispose();
        Spool.Dispose();
        _channel.Dispose();
        _data.Dispose();
        _directory.Dispose();
        _stop.Dispose();
    }
}
