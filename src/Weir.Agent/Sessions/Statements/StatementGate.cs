using Weir.Agent.Recording;
using Weir.Agent.Sessions.Holds;
using Weir.Agent.Sessions.Judging;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Copy;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions.Statements;

/// <summary>
/// The way from the client to the server: inspect → decide → hold → record → forward, message by message. What waits (for an analysis, for
/// people, for a statement in front) stays unconsumed and is looked at again.
/// </summary>
internal sealed class StatementGate
{
    private readonly RelayState _state;
    private readonly TextJudge _judge;
    private static readonly Diagnostic Malformed = Diagnostic.Error(SqlStates.ProtocolViolation, "invalid message format");

    private readonly ReviewHold _hold;
    private readonly ExtendedGate _extended;
    private readonly CallGate _calls;

    public StatementGate(RelayState state, TextJudge judge, ReviewHold hold)
    {
        _state = state;
        _judge = judge;
        _hold = hold;
        _extended = new ExtendedGate(state, judge, hold);
        _calls = new CallGate(state, judge, hold);
        state.Names.Analyze = judge.AnalyzePrepared;
    }

    /// <returns>False: the message waits.</returns>
    public bool Handle(in Frame frame)
    {
        if (_state.IsCopyIn)
            return HandleCopyIn(frame);
        if ((_state.Guard.IsBusy || _state.DryRun.IsRunning) && frame.FrontendType != FrontendMessageType.Terminate)
        {
            _state.Park();
            return false;
        }

        if (_state.SkipsUntilSync && frame.FrontendType is not (FrontendMessageType.Sync or FrontendMessageType.Terminate))
            return true;
        if (_state.DropsCopyData && frame.FrontendType is FrontendMessageType.CopyData or FrontendMessageType.CopyDone or FrontendMessageType.CopyFail)
            return true;
        switch (frame.FrontendType)
        {
            case FrontendMessageType.Query:
                return OnQuery(frame);
            case FrontendMessageType.Parse:
                return _extended.OnParse(frame);
            case FrontendMessageType.Bind:
                return _extended.OnBind(frame);
            case FrontendMessageType.Describe:
                _extended.OnDescribe(frame);
                return true;
            case FrontendMessageType.Execute:
                return _extended.OnExecute(frame);
            case FrontendMessageType.Close:
                _extended.OnClose(frame);
                return true;
            case FrontendMessageType.Flush:
                OnFlush(frame);
                return true;
            case FrontendMessageType.Sync:
                OnSync(frame);
                return true;
            case FrontendMessageType.FunctionCall:
                return _calls.OnFunctionCall(frame);
            case FrontendMessageType.CopyData:
                // Outside of a COPY the server ignores it; where one may be about to begin it waits, to be looked into and recorded.
                if (_state.PendingCopies == 0)
                    return true;
                _state.Park();
                return false;
            case FrontendMessageType.CopyDone or FrontendMessageType.CopyFail:
                if (_state.PendingCopies > 0)
                {
                    _state.ToUpstream.WriteBytes(frame.Bytes);
                    _state.InFlight.Add(InFlightKind.CopyEnd);
                }

                return true;
            case FrontendMessageType.Terminate:
                _state.Session.End(SessionEndReason.ClientClosed, null);
                return true;
            default:
                throw new ProtocolViolationException($"invalid frontend message type {frame.Header.Type}", SqlStates.ProtocolViolation, isFatal: true);
        }
    }

    private bool HandleCopyIn(in Frame frame)
    {
        switch (frame.FrontendType)
        {
            case FrontendMessageType.CopyData:
                if (_state.CopyCheck?.Look(frame.Body) is { } refusal)
                    _state.FailCopyIn(refusal);
                else
                    ForwardCopyData(frame);
                return true;
            case FrontendMessageType.CopyDone when _state.CopyCheck?.End() is { } late:
                _state.FailCopyIn(late);
                return true;
            case FrontendMessageType.CopyDone or FrontendMessageType.CopyFail:
                _state.IsCopyIn = false;
                _state.ToUpstream.WriteBytes(frame.Bytes);
                // In the extended protocol the server keeps the completion until it is asked for it, and the client's Sync waits.
                if (_state.Guard.IsBusy)
                    _state.FlushNow();
                return true;
            case FrontendMessageType.Flush or FrontendMessageType.Sync:
                // The server ignores them here, and answers no ReadyForQuery.
                return true;
            case FrontendMessageType.Terminate:
                _state.Session.End(SessionEndReason.ClientClosed, null);
                return true;
            default:
                throw new ProtocolViolationException("terminating connection because protocol synchronization was lost", SqlStates.ProtocolViolation, isFatal: true);
        }
    }

    private void ForwardCopyData(in Frame frame)
    {
        _state.ToUpstream.WriteBytes(frame.Bytes);
        if (_state.InFlight.Head.FirstStatement == 0)
            return;
        var statement = _state.InFlight.Head.FirstStatement + _state.InFlight.Head.Done;
        if (_state.CopyCheck is null)
            _state.Recording.CopyData(statement, isOut: false, frame.Body);
        else
            _state.Recording.Piece(statement, frame.Body);
    }

    private bool OnQuery(in Frame frame)
    {
        ReadOnlySpan<byte> text;
        try
        {
            text = Query.Read(frame.Body).Text;
        }
        catch (ProtocolViolationException violation) when (!violation.IsFatal)
        {
            RefuseQuery(Diagnostic.For(violation));
            return true;
        }

        if (!_judge.TryJudge(text, out var judgement) || !_judge.TryEstimate(ref judgement, ParameterList.None))
            return false;
        if (judgement.Refusal is null && judgement.Statements.Length == 0)
        {
            Forward(frame, judgement);
            return true;
        }

        if (judgement is { IsGuarded: true, Statements.Length: > 1 } && !text.SequenceEqual(judgement.Text))
        {
            RefuseQuery(Diagnostic.Error(SqlStates.FeatureNotSupported, "weir: where a budget applies, several statements in one text must be UTF-8") with { Hint = "Send them one by one." });
            return true;
        }

        switch (_hold.Pass(judgement, isExtended: false, ParameterList.None, [], text, out var first, out var refusal))
        {
            case Passage.Wait:
                return false;
            case Passage.Refuse:
                RefuseQuery(refusal!);
                return true;
            default:
                if (_hold.ShownRows is not null)
                    judgement = judgement.Counted();
                if (judgement.IsGuarded)
                    _state.Guard.StartText(judgement, text, first, _hold.ApprovedRows, _hold.ShownRows);
                else
                    Forward(frame, judgement).FirstStatement = first;
                return true;
        }
    }

    private ref InFlight Forward(in Frame frame, Judgement judgement)
    {
        if (judgement.ForwardedText is { } text)
            Query.Write(_state.ToUpstream, text);
        else
            _state.ToUpstream.WriteBytes(frame.Bytes);
        ref var entry = ref _state.InFlight.Add(InFlightKind.Query);
        _state.Fill(ref entry, judgement);
        _state.HasUnsyncedWork = false;
        return ref entry;
    }

    private void RefuseQuery(Diagnostic refusal)
    {
        Substitute.WriteQuery(_state.ToUpstream);
        _state.InFlight.Add(InFlightKind.Query).Refusal = refusal;
    }

    private void OnFlush(in Frame frame)
    {
        if (!frame.Body.IsEmpty)
        {
            _extended.RefuseDescribe(Malformed);
            return;
        }

        _state.ToUpstream.WriteBytes(frame.Bytes);
        _state.HasUnflushed = false;
    }

    private void OnSync(in Frame frame)
    {
        if (!frame.Body.IsEmpty && !_state.SkipsUntilSync)
        {
            // To the server it is no part of the extended protocol: an error, which undoes what was not synced, and ReadyForQuery.
            RefuseQuery(Malformed);
            _state.HasUnsynced = _state.HasUnflushed = false;
            return;
        }

        Sync.Read(frame.Body);
        _state.ToUpstream.WriteBytes(frame.Bytes);
        ref var entry = ref _state.InFlight.Add(InFlightKind.Sync);
        if (_state.Surroundings.MovedInTransaction)
        {
            // Where no block is open, the Sync ends the transaction.
            entry.IsMover = true;
            _state.Movers++;
        }

        _state.HasUnsynced = _state.HasUnsyncedWork = false;
        _state.HasUnflushed = false;
        _state.SkipsUntilSync = false;
    }
}
