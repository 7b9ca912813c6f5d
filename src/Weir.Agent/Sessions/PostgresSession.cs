using System.Diagnostics.CodeAnalysis;
using Weir.Agent.Recording;
using Weir.Agent.Sessions.Startup;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions;

/// <summary>
/// One client session from its startup message to its end, as a state machine: bytes and events in, bytes (two buffers) and wishes
/// (<see cref="SessionDriver"/>) out. No sockets, no threads, no waiting inside.
/// <code>
/// AuthenticationStage → UpstreamStage → RelayStage
/// </code>
/// Calls never overlap: the driver sees to that.
/// </summary>
internal sealed class PostgresSession
{
    private SessionStage _stage;
    private bool _isUpstreamOpen;

    public PostgresSession(AgentServices services, ClientInfo client, SessionDriver driver)
    {
        Services = services;
        Client = client;
        Driver = driver;
        Id = Guid.CreateVersion7(services.Time.GetUtcNow());
        _stage = new StartupStage(this);
    }

    public Guid Id { get; }

    public AgentServices Services { get; }

    public ClientInfo Client { get; }

    /// <summary>Replaced when another one takes the session over.</summary>
    public SessionDriver Driver { get; set; }

    /// <summary>What is to be sent to the client. The driver may put another buffer in its place between two calls.</summary>
    public MessageWriter ToClient { get; set; } = new(1024);

    /// <summary>What is to be sent upstream.</summary>
    public MessageWriter ToUpstream { get; set; } = new(1024);

    /// <summary>False while the session takes no bytes from the client. The driver still notices when the client is gone.</summary>
    public bool ReadsClient { get; set; } = true;

    public bool ReadsUpstream { get; set; } = true;

    /// <summary>The session is over: the driver sends what is left and closes both legs, hard after <see cref="SessionOptions.CloseDeadline"/>.</summary>
    public bool IsOver { get; private set; }

    /// <summary>The client is told why: it should get the chance to read it.</summary>
    public bool HasLastWord { get; private set; }

    /// <summary>A message to the client was begun and is not complete: nothing else may be sent to it.</summary>
    public bool IsInsideClientMessage { get; set; }

    /// <inheritdoc cref="IsInsideClientMessage"/>
    public bool IsInsideUpstreamMessage { get; set; }

    /// <summary>The upstream leg is logged in: a Terminate is understood.</summary>
    public bool IsUpstreamReady { get; set; }

    public ISessionRecording? Recording { get; set; }

    /// <summary>The key that the client was given for CancelRequest; null before.</summary>
    public CancelKey? ClientKey { get; set; }

    /// <summary>Who it is, once authenticated.</summary>
    public SessionIdentity? Identity { get; set; }

    /// <summary>Bytes from and to the client after startup.</summary>
    public long BytesIn { get; private set; }

    public long BytesOut { get; set; }

    /// <summary>The startup message, whole. Called once, first.</summary>
    public void Start(ReadOnlySpan<byte> startupPacket)
    {
        try
        {
            ((StartupStage)_stage).OnStartupMessage(startupPacket);
        }
        catch (ProtocolViolationException violation)
        {
            Violate(violation);
        }
    }

    public int OnClientBytes(ReadOnlySpan<byte> data)
    {
        if (IsOver)
            return data.Length;
        try
        {
            var consumed = _stage.OnClientBytes(data);
            BytesIn += consumed;
            return consumed;
        }
        catch (ProtocolViolationException violation)
        {
            Violate(violation);
            return data.Length;
        }
    }

    public int OnUpstreamBytes(ReadOnlySpan<byte> data)
    {
        if (IsOver)
            return data.Length;
        try
        {
            return _stage.OnUpstreamBytes(data);
        }
        catch (ProtocolViolationException violation)
        {
            Services.Log.UpstreamViolation(Id, violation.Message);
            End(SessionEndReason.UpstreamLost, Diagnostic.Fatal(SqlStates.ProtocolViolation, "weir: the database violated the protocol"), violation.Message);
            return data.Length;
        }
    }

    public void OnUpstreamConnected()
    {
        _isUpstreamOpen = true;
        if (!IsOver)
            _stage.OnUpstreamConnected();
    }

    public void OnUpstreamTls(ReadOnlyMemory<byte> certificateHash)
    {
        if (!IsOver)
            _stage.OnUpstreamTls(certificateHash);
    }

    public void OnUpstreamFailed(string reason)
    {
        _isUpstreamOpen = false;
        if (!IsOver)
            _stage.OnUpstreamFailed(reason);
    }

    public void OnUpstreamClosed()
    {
        _isUpstreamOpen = false;
        if (!IsOver)
            _stage.OnUpstreamClosed();
    }

    public void OnClientClosed(bool isOrderly)
    {
        if (!IsOver)
            _stage.OnClientClosed(isOrderly);
    }

    public void OnTimer()
    {
        if (!IsOver)
            _stage.OnTimer();
    }

    public void OnPolicyChanged()
    {
        if (!IsOver)
            _stage.OnPolicyChanged();
    }

    public void OnCatalogReplaced()
    {
        if (!IsOver)
            _stage.OnCatalogReplaced();
    }

    public void OnCancel()
    {
        if (!IsOver)
            _stage.OnCancel();
    }

    public void Enter(SessionStage stage)
    {
        _stage = stage;
        stage.Enter();
    }

    /// <summary>Ends the session from outside: FATAL 57P01 with the reason.</summary>
    public void Terminate(string reason, SessionEndReason kind = SessionEndReason.Terminated) =>
        End(kind, Diagnostic.Fatal(SqlStates.AdminShutdown, reason), reason);

    /// <summary>Something that must not happen did.</summary>
    public void Fail(string detail)
    {
        Services.Log.SessionFailed(Id, detail);
        End(SessionEndReason.Failed, Diagnostic.Fatal(SqlStates.InternalError, "weir: internal error"), detail);
    }

    /// <summary>
    /// Ends the session: the last word to the client (unless it would land inside another message), Terminate to the server, the seal of
    /// the recording.
    /// </summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The end must be reached whatever the recording does.")]
    public void End(SessionEndReason reason, Diagnostic? lastWord, string detail = "")
    {
        if (IsOver)
            return;
        IsOver = true;
        ReadsClient = ReadsUpstream = true;
        Driver.WakeAfter(null);
        if (lastWord is not null && !IsInsideClientMessage)
        {
            HasLastWord = true;
            ErrorResponse.Write(ToClient, lastWord);
        }

        if (_isUpstreamOpen && IsUpstreamReady && !IsInsideUpstreamMessage)
            WriteTerminate();
        Services.Sessions.Remove(this);
        try
        {
            _stage.OnEnd(reason);
            Recording?.Ended(new SessionEnd(reason, detail, BytesIn, BytesOut));
        }
        catch (Exception fault)
        {
            Services.Log.RecordingFailed(fault, Id);
        }
    }

    private void WriteTerminate() => Weir.Protocol.Postgres.Frontend.Terminate.Write(ToUpstream);

    private void Violate(ProtocolViolationException violation)
    {
        Services.Log.ClientViolation(Id, violation.Message);
        End(SessionEndReason.ProtocolViolation, violation.IsUnanswered ? null : Diagnostic.Fatal(violation.SqlState, violation.Message), violation.Message);
    }
}
