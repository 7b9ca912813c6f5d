using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Weir.Agent.Catalog;
using Weir.Agent.Recording;
using Weir.Agent.Upstream;
using Weir.Policy.Access;
using Weir.Policy.Compilation;
using Weir.Policy.Documents;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Agent.Sessions.Startup;

/// <summary>
/// Gets the client its database session: secret, hosts in turn, login with pinned parameters, what names mean at the start, the
/// recording; then replays the server's parameters and hands over.
/// <code>
/// secret + catalog → connect → handshake → probe (search_path, role) → recording → ParameterStatus*, BackendKeyData, ReadyForQuery → RelayStage
/// </code>
/// </summary>
internal sealed class UpstreamStage(PostgresSession session, SessionIdentity identity, ProtocolNegotiation negotiation) : SessionStage(session)
{
    private readonly UpstreamHost[] _hosts = UpstreamHost.Parse(identity.Connection.Upstream.Host, identity.Connection.Upstream.Port);
    private readonly SessionProbe _probe = new();
    private int _host;
    private UpstreamLogin? _login;
    private UpstreamHandshake? _handshake;
    private CatalogSource? _catalog;
    private UpstreamFailure? _lastFailure;
    private UpstreamFailure? _misfit;
    private bool _isLoggedIn;
    private bool _isCatalogReady;

    private AgentServices Services => Session.Services;

    private bool IsReadOnly => identity.Right.Level == AccessLevel.Read;

    public override void Enter()
    {
        // The client has nothing to say until ReadyForQuery; what it sends anyway waits.
        Session.ReadsClient = false;
        Session.Driver.WakeAfter(Services.Options.UpstreamDeadline);
        if (StartupSettings.Refusal(identity.Startup) is { } refusal)
        {
            Session.End(SessionEndReason.Failed, refusal);
            return;
        }

        _catalog = Services.Catalogs.Get(identity.Connection, identity.Database);
        var driver = Session.Driver;
        _catalog.WhenReady(failure => driver.Post(s => OnCatalog(s, failure)));
        _ = ResolveSecretAsync(driver);
    }

    public override void OnTimer() => GiveUp();

    public override void OnEnd(SessionEndReason reason) => _catalog?.Leave();

    public override void OnClientClosed(bool isOrderly) => Session.End(SessionEndReason.ClientLost, null, "during login at the database");

    public override void OnUpstreamConnected()
    {
        Session.ToUpstream.Clear();
        _handshake = new UpstreamHandshake(_login!, _hosts[_host], Services.Connector.Keys);
        Advance(_handshake.Begin(Session.ToUpstream));
    }

    public override void OnUpstreamTls(ReadOnlyMemory<byte> certificateHash) => _handshake!.OnTls(certificateHash, Session.ToUpstream);

    public override void OnUpstreamFailed(string reason)
    {
        if (_handshake is not null && _login!.Tls == UpstreamTls.Prefer)
        {
            // As libpq's prefer does: once more without TLS.
            _handshake = null;
            _login = _login with { Tls = UpstreamTls.Disable };
            Session.Driver.ConnectUpstream(_hosts[_host], Services.Options.UpstreamConnectTimeout);
            return;
        }

        Failed(new UpstreamFailure(SqlStates.ConnectionFailure, "weir: the database can't be reached", reason, TryNextHost: true));
    }

    public override void OnUpstreamClosed() =>
        Failed(new UpstreamFailure(SqlStates.ConnectionFailure, "weir: the database closed the connection during login", "closed during login", TryNextHost: true));

    public override int OnUpstreamBytes(ReadOnlySpan<byte> data)
    {
        if (_isLoggedIn)
        {
            var taken = _probe.OnBytes(data);
            if (_probe.IsDone)
                Complete();
            return taken;
        }

        Advance(_handshake!.OnBytes(data, Session.ToUpstream, out var consumed));
        return consumed;
    }

    private void Advance(UpstreamStep step)
    {
        switch (step)
        {
            case UpstreamStep.NeedTls:
                Session.Driver.StartUpstreamTls(_handshake!.TlsOptions);
                break;
            case UpstreamStep.Failed:
                Failed(_handshake!.Failure!);
                break;
            case UpstreamStep.Ready:
                _isLoggedIn = true;
                Session.IsUpstreamReady = true;
                SessionProbe.Write(Session.ToUpstream);
                break;
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a source of secrets throws ends this session only, with a clear word.")]
    private async Task ResolveSecretAsync(SessionDriver driver)
    {
        UpstreamRoleSecrets? role = null;
        string? failure = null;
        try
        {
            role = await Services.Roles.ResolveAsync(identity.ConnectionName, identity.Connection.Upstream, IsReadOnly, CancellationToken.None)
                .WaitAsync(Services.Options.UpstreamDeadline, Services.Time).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            failure = fault.Message;
        }

        driver.Post(s => OnSecret(s, role, failure));
    }

    private void OnSecret(PostgresSession session, UpstreamRoleSecrets? role, string? failure)
    {
        if (session.IsOver)
            return;
        if (role is null)
        {
            Services.Log.UpstreamFailed(Session.Id, identity.ConnectionName, failure ?? "");
            Session.End(SessionEndReason.Failed, Diagnostic.Fatal(SqlStates.ConnectionFailure, "weir: the database's credential is not available"), failure ?? "");
            return;
        }

        var upstream = identity.Connection.Upstream;
        _login = new UpstreamLogin(
            role.User,
            role.Password,
            identity.Database,
            upstream.Tls,
            upstream.TlsCaFile,
            negotiation.Version,
            StartupSettings.ForUpstream(identity, Session.Id),
            upstream.TargetSessionAttributes,
            role.Certificate);
        Session.Driver.ConnectUpstream(_hosts[_host], Services.Options.UpstreamConnectTimeout);
    }

    private void OnCatalog(PostgresSession session, string? failure)
    {
        if (session.IsOver)
            return;
        if (failure is not null)
        {
            // The session's own attempt has the better error; this one counts only if that succeeds.
            _lastFailure ??= new UpstreamFailure(SqlStates.CannotConnectNow, failure, "catalog", TryNextHost: false);
            if (_isLoggedIn)
                GiveUp();
            return;
        }

        _isCatalogReady = true;
        if (_probe.IsDone)
            Complete();
    }

    private void Failed(UpstreamFailure failure)
    {
        Services.Log.UpstreamFailed(Session.Id, identity.ConnectionName, failure.Detail);
        _lastFailure = failure;
        if (failure.IsMisfit)
            _misfit = failure;
        _handshake = null;
        Session.Driver.DropUpstream();
        if (failure.TryNextHost && ++_host == _hosts.Length && _login!.Anywhere is { } anywhere)
        {
            _login = anywhere;
            _host = 0;
        }

        if (failure.TryNextHost && _host < _hosts.Length)
        {
            _login = _login! with { Tls = identity.Connection.Upstream.Tls };
            Session.Driver.ConnectUpstream(_hosts[_host], Services.Options.UpstreamConnectTimeout);
            return;
        }

        if (failure.TryNextHost)
            _lastFailure = _misfit ?? failure;
        GiveUp();
    }

    private void GiveUp()
    {
        var failure = _lastFailure ?? new UpstreamFailure(SqlStates.ConnectionFailure, "weir: the database did not answer in time", "deadline", TryNextHost: false);
        Session.End(SessionEndReason.Failed, Diagnostic.Fatal(failure.SqlState, failure.Message), failure.Detail);
    }

    private void Complete()
    {
        if (!_isCatalogReady)
            return;
        if (_probe.Failure is { } failure)
        {
            Session.End(SessionEndReason.Failed, Diagnostic.Fatal(SqlStates.ConnectionFailure, "weir: the database can't be asked about the session"), failure);
            return;
        }

        if (!ClientEncoding.IsSafe(_handshake!.Find("client_encoding") ?? ""))
        {
            Session.End(SessionEndReason.Failed, StartupSettings.UnsafeEncoding(_handshake.Find("client_encoding") ?? "unknown"));
            return;
        }

        // Rights may have changed while the login took its time.
        if (AccessCheck.Find(identity.Credential, identity.ConnectionName, Services, out var policy, out var until) is not { } right || right.Level < identity.Right.Level)
        {
            Session.Terminate("weir: the access right has ended");
            return;
        }

        var processId = _handshake.BackendKey?.ProcessId ?? _probe.ProcessId;
        Session.Recording = Services.Recorder.TryOpen(new SessionStart
        {
            SessionId = Session.Id,
            Principal = identity.Principal,
            Connection = identity.ConnectionName,
            CredentialId = identity.Credential.Id,
            ClientAddress = Session.Client.Address,
            Tls = Session.Client.IsTls,
            Relayed = Session.Client.IsRelayed,
            ApplicationName = identity.Startup.ApplicationName,
            Context = identity.Startup.Context,
            UpstreamUser = _login!.User,
            ServerVersion = _handshake.Find("server_version") ?? "",
            SnapshotVersion = policy!.Version,
            Protocol = $"postgres {negotiation.Version}",
            GrantId = right.GrantId,
            UpstreamProcessId = _probe.ProcessId,
        });
        if (Session.Recording is null)
        {
            Session.End(SessionEndReason.Failed, Diagnostic.Fatal(SqlStates.IoError, "weir: the session can't be recorded") with { Hint = "The agent's spool is full or its disk failed." });
            return;
        }

        Session.ClientKey = new CancelKey(processId, RandomNumberGenerator.GetBytes(negotiation.CancelSecretLength));
        Services.Sessions.AddCancelKey(Session.ClientKey, Session);
        foreach (var (name, value) in _handshake.Parameters)
            ParameterStatus.Write(Session.ToClient, name, name == "application_name" ? identity.Startup.ApplicationName : value);
        BackendKeyData.Write(Session.ToClient, Session.ClientKey);
        ReadyForQuery.Write(Session.ToClient, TransactionStatus.Idle);
        Services.Log.Started(Session.Id, identity.Principal.Name, identity.ConnectionName, Session.Client.Address);
        Session.ReadsClient = true;
        Session.Enter(new RelayStage(Session, new RelayStart(
            identity with { Right = right },
            policy,
            _catalog!,
            _hosts[_host],
            _handshake.BackendKey,
            _handshake.IsTls ? _handshake.TlsOptions : null,
            _probe,
            _handshake.Parameters,
            until)));
    }
}
