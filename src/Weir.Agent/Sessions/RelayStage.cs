using Weir.Agent.Recording;
using Weir.Agent.Sessions.Answers;
using Weir.Agent.Sessions.Holds;
using Weir.Agent.Sessions.Judging;
using Weir.Agent.Sessions.Startup;
using Weir.Agent.Sessions.Statements;
using Weir.Agent.Upstream;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Agent.Sessions;

/// <summary>
/// The client works with its database: statements through the <see cref="StatementGate"/>, answers through the <see cref="AnswerPath"/>.
/// </summary>
internal sealed class RelayStage : SessionStage
{
    private readonly RelayState _state;
    private readonly StatementGate _gate;
    private readonly AnswerPath _answers;
    private readonly ReviewHold _hold;
    private static readonly TimeSpan FirstCancelRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastCancelRetry = TimeSpan.FromMilliseconds(1600);

    private DateTimeOffset? _rightUntil;
    private TimeSpan? _cancelRetry;
    private long _cancelledIn;
    private bool _cancelsDryRun;

    public RelayStage(PostgresSession session, RelayStart start)
        : base(session)
    {
        _state = new RelayState(session, start);
        _rightUntil = start.RightUntil;
        var probe = new NameProbe(_state);
        _hold = new ReviewHold(_state);
        _gate = new StatementGate(_state, new TextJudge(_state, probe), _hold);
        _answers = new AnswerPath(_state, probe);
        _state.OnHold = Schedule;
    }

    public override void Enter() => OnPolicyChanged();

    public override int OnClientBytes(ReadOnlySpan<byte> data)
    {
        var scanner = new FrameScanner(data, MessageDirection.Frontend, _state.SendLimits);
        var taken = 0;
        while (Session.ReadsClient && !Session.IsOver && scanner.TryRead(out var frame) == FrameStatus.Complete)
        {
            if (!_gate.Handle(frame))
                break;
            taken = scanner.Position;
            if (_state.InFlight.Count >= Session.Services.Options.MaxInFlight)
            {
                _state.IsFull = true;
                _state.Park();
            }
        }

        return taken;
    }

    public override int OnUpstreamBytes(ReadOnlySpan<byte> data)
    {
        var before = _state.ToClient.Length;
        int taken;
        try
        {
            taken = _answers.OnBytes(data);
        }
        finally
        {
            // What was written for the client goes out when this call is over.
            _state.Recording.Settle();
        }

        Session.BytesOut += _state.ToClient.Length - before;
        if (_state.IsFull && _state.InFlight.Count < Session.Services.Options.MaxInFlight / 2)
        {
            _state.IsFull = false;
            _state.Resume();
        }

        return taken;
    }

    public override void OnClientClosed(bool isOrderly) => Session.End(SessionEndReason.ClientLost, null);

    public override void OnUpstreamClosed()
    {
        if (_state.SawFatal)
            Session.End(SessionEndReason.UpstreamLost, null, "the server ended the session");
        else
            base.OnUpstreamClosed();
    }

    public override void OnCancel()
    {
        if (_hold.Cancel() && !_state.DryRun.IsExecuting)
            return;
        ForwardCancel();
        if (!IsBusy)
            return;
        _cancelsDryRun = _state.DryRun.IsExecuting;
        _cancelledIn = _state.Rounds;
        _cancelRetry = FirstCancelRetry;
        Schedule();
    }

    public override void OnTimer()
    {
        if (_rightUntil <= Session.Services.Time.GetUtcNow())
            OnPolicyChanged();
        if (Session.IsOver)
            return;
        if (_hold.IsHolding)
            _hold.KeepAlive();
        RepeatCancel();
        Schedule();
    }

    /// <summary>Something of the client is at the server, or waits here.</summary>
    private bool IsBusy => _state.InFlight.Count > 0 || !Session.ReadsClient;

    // The server ignores a cancel that meets it between two messages, such as a Bind and the Execute behind it, which left the client together but not
    // this agent. Until the round that was meant is over the cancel is therefore sent again.
    private void RepeatCancel()
    {
        if (_cancelRetry is not { } wait)
            return;
        if (_cancelledIn != _state.Rounds || !IsBusy || _hold.IsHolding || (_cancelsDryRun && !_state.DryRun.IsExecuting))
        {
            _cancelRetry = null;
            return;
        }

        ForwardCancel();
        _cancelRetry = wait < LastCancelRetry ? 2 * wait : null;
    }

    public override void OnPolicyChanged()
    {
        var identity = _state.Start.Identity;
        var right = AccessCheck.Find(identity.Credential, identity.ConnectionName, Session.Services, out var policy, out var until);
        if (right is null)
        {
            var isExpired = _rightUntil <= Session.Services.Time.GetUtcNow();
            Session.Terminate(
                isExpired ? "weir: the access right has ended" : "weir: the access right was withdrawn",
                isExpired ? SessionEndReason.Expired : SessionEndReason.Terminated);
            return;
        }

        _rightUntil = until;
        if (right.Level < identity.Right.Level)
        {
            // The upstream role and the pins of the session were chosen for its level.
            Session.Terminate("weir: the access right was reduced; connect again");
            return;
        }

        _state.Surroundings.Use(policy!, right);
        Schedule();
    }

    public override void OnCatalogReplaced() => _state.LetGo();

    public override void OnEnd(SessionEndReason reason)
    {
        _hold.OnEnd();
        _state.Guard.OnEnd();
        _state.Start.Catalog.Leave();
        // The server would run on to the end of the statement otherwise, and notice only then that nobody listens.
        if (_state.InFlight.Count > 0 && reason != SessionEndReason.UpstreamLost)
            ForwardCancel();
        Session.Services.Log.Ended(Session.Id, reason.ToString(), "");
    }

    private void ForwardCancel()
    {
        if (_state.Start.BackendKey is { } key)
            Session.Services.Connector.Cancel(_state.Start.Host, key, _state.Start.UpstreamTls, Session.Services.Time);
    }

    private void Schedule()
    {
        TimeSpan? wait = _hold.IsHolding ? Session.Services.Options.HeldKeepAlive : _cancelRetry;
        if (_rightUntil is { } until)
        {
            var left = until - Session.Services.Time.GetUtcNow();
            if (left < TimeSpan.FromMilliseconds(1))
                left = TimeSpan.FromMilliseconds(1);
            if (left > TimeSpan.FromDays(20))
                left = TimeSpan.FromDays(20);
            if (wait is null || left < wait)
                wait = left;
        }

        Session.Driver.WakeAfter(wait);
    }
}
