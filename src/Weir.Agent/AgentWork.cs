using Microsoft.Extensions.Logging;
using Weir.Agent.Catalog;
using Weir.Agent.Configuration;
using Weir.Agent.Health;
using Weir.Agent.Link;
using Weir.Agent.Net;
using Weir.Agent.Policies;
using Weir.Agent.Recording;
using Weir.Agent.Reviews;
using Weir.Agent.Sessions;
using Weir.Agent.Upstream;
using Weir.Contracts.Agent.V1;
using Weir.Sql.Analysis;
using Weir.Sql.Parsing;

namespace Weir.Agent;

/// <summary>Builds the parts of an enrolled agent, runs them, and ends them in the order in which they need each other.</summary>
internal sealed partial class AgentWork : IAsyncDisposable
{
    private const int MostDialledTunnels = 256;

    private static readonly TimeSpan ReviewExpiryInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastEventsPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LastEventsInterval = TimeSpan.FromMilliseconds(50);

    private readonly AgentOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ListenerCertificateFiles _certificates;
    private readonly Spool _spool;
    private readonly SpoolFlusher _flusher;
    private readonly EventPump _events;
    private readonly LinkOutbox _outbox = new();
    private readonly SealedLog _reviewLog;
    private readonly ReviewDesk _reviews;
    private readonly PostgresParser _parser;
    private readonly SessionRegistry _sessions = new();
    private readonly UpstreamConnector _connector = new();
    private readonly CatalogSources _catalogs;
    private readonly ConnectionWatch _watch;
    private readonly PostgresListener _listener;
    private readonly TunnelDialer _tunnels;
    private readonly AgentLinkClient _link;
    private readonly CertificateRenewal _renewal;
    private readonly HealthEndpoint? _health;
    private volatile ListenerCertificate _certificate;

    /// <exception cref="SpoolUnavailableException">The spool can't be opened.</exception>
    public AgentWork(AgentOptions options, DataDirectory directory, ControlPlaneChannel channel, AgentIdentity identity, ListenerCertificateFiles certificates, TimeProvider time, ILogger log)
    {
        (_options, _time, _log, _certificates) = (options, time, log, certificates);
        _parser = new PostgresParser(new ParserLimits { MaxTextBytes = options.MaxStatementBytes });
        var stateKey = identity.DeriveSecret("state");
        var policies = new PolicyHolder(time);
        var secrets = new StoredSecrets();
        var snapshots = new SnapshotStore(
            new SealedFile(directory, "snapshot", stateKey), new SealedFile(directory, "heard", stateKey), policies, secrets, identity.OrganizationId, log);
        var credentials = new CredentialDirectory(new SealedFile(directory, "credentials", stateKey), identity.DeriveSecret("mock scram"));
        snapshots.Load();
        LoadCredentials(credentials);

        _spool = Spool.Open(directory.PathOf("spool"), options.SpoolBytes);
        _flusher = new SpoolFlusher(_spool, options.SpoolDurability);
        var recorder = new Recorder(_spool, options.SpoolDurability, policies, identity.OrganizationId, identity.AgentId, time);
        if (recorder.SealAbandoned() is > 0 and var abandoned)
            LogAbandoned(log, abandoned);
        _events = new EventPump(_spool);
        _reviewLog = new SealedLog(directory, "reviews", stateKey);
        _reviews = new ReviewDesk(identity.DeriveSecret("review binding"), policies, new ReviewFile(_reviewLog), _outbox, time, log);
        _reviews.Load();

        var roles = new UpstreamRoles(new SecretResolver(secrets, Environment.GetEnvironmentVariable));
        var sessionOptions = SessionOptions.From(options);
        _catalogs = new CatalogSources(roles, _connector, sessionOptions, time, log);
        var services = new AgentServices(
            policies, credentials, recorder, _reviews, roles, _sessions, sessionOptions, time, new StatementAnalyzer(_parser), _catalogs, _connector, log);
        services.FollowCatalogs();
        _certificate = LoadCertificate();
        certificates.Changed += () => _certificate = LoadCertificate();
        _listener = new PostgresListener(services, options.Listen, () => _certificate);
        policies.Changed += _sessions.RecheckAll;
        credentials.Changed += _sessions.RecheckAll;

        var bridge = new SessionBridge(_sessions) { Listener = _listener };
        _tunnels = new TunnelDialer(new Tunnel.TunnelClient(channel.Tunnels), () => channel.Authorize(identity), bridge, MostDialledTunnels, time, log);
        var statuses = new ConnectionStatusBoard(_outbox);
        _watch = new ConnectionWatch(policies, _catalogs, statuses, time, log);
        var state = new LinkState(snapshots, credentials, _reviews, _spool, _events, statuses, bridge);
        var delay = new ReconnectDelay(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30), Random.Shared);
        _link = new AgentLinkClient(options, identity, channel, state, _outbox, _tunnels, delay, time, log);
        _renewal = new CertificateRenewal(channel, identity, certificates, time, log);
        if (options.HealthListen is { } health)
            _health = new HealthEndpoint(health, new HealthReport(policies, credentials, _spool, _outbox, bridge, () => services.Judgements.Bytes, () => _catalogs.Bytes), time, log);
    }

    /// <summary>Serves until the token is cancelled, then drains.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">An address is taken or not there.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        // A socket file that an agent left behind when it was killed; the data directory's lock tells that none uses it now.
        foreach (var socket in _options.Listen.OfType<System.Net.Sockets.UnixDomainSocketEndPoint>())
            File.Delete(socket.ToString());
        _listener.Bind();
        _health?.Start();
        LogListening(_log, string.Join(", ", _listener.LocalEndPoints));

        using var background = new CancellationTokenSource();
        var listening = _listener.RunAsync(stop);
        Task[] parts =
        [
            _link.RunAsync(background.Token),
            _renewal.RunAsync(background.Token),
            ExpireReviewsAsync(background.Token),
            _watch.RunAsync(background.Token),
            _health?.RunAsync(background.Token) ?? Task.CompletedTask,
        ];
        try
        {
            await Task.WhenAny([listening, .. parts.Take(3)]).ConfigureAwait(false);
            if (stop.IsCancellationRequested)
                await EndAsync().ConfigureAwait(false);
        }
        finally
        {
            await background.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Whatever ended without being asked to has a reason to tell.
        if (!stop.IsCancellationRequested)
            await (await Task.WhenAny([listening, .. parts]).ConfigureAwait(false)).ConfigureAwait(false);
        await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await _tunnels.DisposeAsync().ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _catalogs.DisposeAsync().ConfigureAwait(false);
        _events.Dispose();
        _flusher.Dispose();
        _spool.Dispose();
        _reviewLog.Dispose();
        _health?.Dispose();
        _parser.Dispose();
    }

    private async Task EndAsync()
    {
        LogDraining(_log, _sessions.Count);
        try
        {
            await _sessions.DrainAsync(_options.DrainTimeout, _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogNotDrained(_log, _sessions.Count);
        }

        // The last events may still reach the control plane; if not, they are in the spool.
        var since = _time.GetTimestamp();
        while (_outbox.IsConnected && _spool.WaitingBytes > 0 && _time.GetElapsedTime(since) < LastEventsPatience)
            await Task.Delay(LastEventsInterval, _time).ConfigureAwait(false);
        await _connector.WhenIdleAsync().ConfigureAwait(false);
    }

    private async Task ExpireReviewsAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(ReviewExpiryInterval, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            _reviews.Expire();
    }

    private void LoadCredentials(CredentialDirectory credentials)
    {
        try
        {
            credentials.Load();
        }
        catch (InvalidDataException exception)
        {
            LogCredentialsDamaged(_log, exception.Message);
        }
    }

    private ListenerCertificate LoadCertificate()
    {
        var (certificate, chain) = _certificates.Load();
        return new ListenerCertificate(certificate, chain);
    }

    [LoggerMessage(3411, LogLevel.Information, "Listening on {Addresses}")]
    private static partial void LogListening(ILogger log, string addresses);

    [LoggerMessage(3412, LogLevel.Information, "Stopping: {Sessions} sessions may end by themselves first")]
    private static partial void LogDraining(ILogger log, int sessions);

    [LoggerMessage(3413, LogLevel.Warning, "{Sessions} sessions did not end in time")]
    private static partial void LogNotDrained(ILogger log, int sessions);

    [LoggerMessage(3414, LogLevel.Warning, "{Sessions} sessions of an agent that did not stop in order were sealed as failed")]
    private static partial void LogAbandoned(ILogger log, int sessions);

    [LoggerMessage(3415, LogLevel.Error, "The stored credentials can't be used, nobody can log in until the control plane sends them: {Reason}")]
    private static partial void LogCredentialsDamaged(ILogger log, string reason);
}
