using Weir.Agent.Recording;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Copy;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions;

/// <summary>
/// The way from the client to the server: inspect → decide → hold → record → forward, message by message. What waits (for an analysis, for
/// people, for a statement in front) stays unconsumed and is looked at again.
/// </summary>
internal sealed class StatementGate
{
    private readonly RelayState _state;
    private readonly TextJudge _judge;
    private readonly ReviewHold _hold;

    public StatementGate(RelayState state, TextJudge judge, ReviewHold hold)
    {
        _state = state;
        _judge = judge;
        _hold = hold;
        state.Names.Analyze = judge.AnalyzePrepared;
    }

    /// <returns>False: the message waits.</returns>
    public bool Handle(in Frame frame)
    {
        if (_state.IsCopyIn)
            return HandleCopyIn(frame);
        if (_state.Guard.IsBusy && frame.FrontendType != FrontendMessageType.Terminate)
        {
            _state.Park();
            return false;
        }

        if (_state.SkipsUntilSync && frame.FrontendType is not (FrontendMessageType.Sync or FrontendMessageType.Terminate))
            return true;
        switch (frame.FrontendType)
        {
            case FrontendMessageType.Query:
                return OnQuery(frame);
            case FrontendMessageType.Parse:
                return OnParse(frame);
            case FrontendMessageType.Bind:
                return OnBind(frame);
            case FrontendMessageType.Describe:
                OnDescribe(frame);
                return true;
            case FrontendMessageType.Execute:
                return OnExecute(frame);
            case FrontendMessageType.Close:
                OnClose(frame);
                return true;
            case FrontendMessageType.Flush:
                Weir.Protocol.Postgres.Frontend.Flush.Read(frame.Body);
                _state.ToUpstream.WriteBytes(frame.Bytes);
                _state.HasUnflushed = false;
                return true;
            case FrontendMessageType.Sync:
                OnSync(frame);
                return true;
            case FrontendMessageType.FunctionCall:
                return OnFunctionCall();
            case FrontendMessageType.CopyData:
                // Outside of a COPY the server ignores it; it goes on only where a COPY may be about to begin.
                if (_state.PendingCopies > 0)
                    ForwardCopyData(frame);
                return true;
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
                ForwardCopyData(frame);
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
        if (_state.IsCopyIn && _state.InFlight.Head.FirstStatement > 0)
            _state.Recording.CopyData(_state.InFlight.Head.FirstStatement + _state.InFlight.Head.Done, isOut: false, frame.Body);
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

        if (!_judge.TryJudge(text, hasParameters: false, out var judgement))
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

        switch (_hold.Pass(judgement, isExtended: false, ParameterList.None, [], out var first, out var refusal))
        {
            case Passage.Wait:
                return false;
            case Passage.Refuse:
                RefuseQuery(refusal!);
                return true;
            default:
                if (judgement.IsGuarded)
                    _state.Guard.StartText(judgement, text, first, _hold.ApprovedRows);
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
        Fill(ref entry, judgement);
        return ref entry;
    }

    private void Fill(ref InFlight entry, Judgement judgement)
    {
        entry.Judgement = judgement;
        entry.StartedAt = _state.Session.Services.Time.GetTimestamp();
        if (judgement.IsMover)
        {
            entry.IsMover = true;
            _state.Movers++;
        }

        if (judgement.MayCopyIn)
            _state.PendingCopies++;
    }

    private void RefuseQuery(Diagnostic refusal)
    {
        Substitute.WriteQuery(_state.ToUpstream);
        _state.InFlight.Add(InFlightKind.Query).Refusal = refusal;
    }

    private bool OnParse(in Frame frame)
    {
        Parse parse;
        try
        {
            parse = Parse.Read(frame.Body);
        }
        catch (ProtocolViolationException violation) when (!violation.IsFatal)
        {
            Substitute.WriteParse(_state.ToUpstream);
            AddExtended(InFlightKind.Parse).Refusal = Diagnostic.For(violation);
            return true;
        }

        if (!_judge.TryJudge(parse.Text, parse.ParameterTypeCount > 0, out var judgement))
            return false;
        var refusal = judgement.Refusal;
        if (refusal is null && !parse.Statement.IsEmpty && _state.Names.PreparedCount >= _state.Session.Services.Options.MaxPreparedStatements)
            refusal = Diagnostic.Error(SqlStates.ConfigurationLimitExceeded, "weir: too many prepared statements in this session");
        else if (refusal is not null && !_hold.RecordRefused(judgement, isExtended: true, ParameterList.None))
            refusal = ReviewHold.NotRecorded;
        if (refusal is not null)
        {
            Substitute.WriteParse(_state.ToUpstream, parse);
            ref var refused = ref AddExtended(InFlightKind.Parse);
            refused.Refusal = refusal;
            // A failing Parse of the unnamed statement does away with the one before.
            if (parse.Statement.IsEmpty)
                refused.Previous = _state.Names.SetPrepared(parse.Statement, null);
            return true;
        }

        if (judgement.ForwardedText is { } text)
            parse.Rewrite(_state.ToUpstream, parse.Statement, text);
        else
            _state.ToUpstream.WriteBytes(frame.Bytes);
        var prepared = new PreparedStatement(judgement.Text) { Judgement = judgement, JudgedIn = _state.Surroundings.Generation };
        if (parse.ParameterTypeCount > 0)
        {
            prepared.ParameterTypes = new uint[parse.ParameterTypeCount];
            for (var i = 0; i < prepared.ParameterTypes.Length; i++)
                prepared.ParameterTypes[i] = parse.ParameterType(i);
        }

        ref var entry = ref AddExtended(InFlightKind.Parse);
        entry.Prepared = prepared;
        entry.Name = parse.Statement.IsEmpty ? null : parse.Statement.ToArray();
        entry.Previous = _state.Names.SetPrepared(parse.Statement, prepared);
        if (!parse.Statement.IsEmpty)
            _state.Surroundings.OnNamesChanged();
        return true;
    }

    private bool OnBind(in Frame frame)
    {
        Bind bind;
        try
        {
            bind = Bind.Read(frame.Body);
        }
        catch (ProtocolViolationException violation) when (!violation.IsFatal)
        {
            RefuseBind(Diagnostic.For(violation));
            return true;
        }

        if (_state.Names.FindPrepared(bind.Statement) is not { } prepared)
        {
            RefuseBind(Diagnostic.Error(
                SqlStates.InvalidSqlStatementName,
                bind.Statement.IsEmpty ? "unnamed prepared statement does not exist" : $"prepared statement \"{System.Text.Encoding.UTF8.GetString(bind.Statement)}\" does not exist"));
            return true;
        }

        if (!_judge.TryJudge(prepared, bind.ParameterCount > 0, out var judgement))
            return false;
        var masked = judgement.Statements is [var only] ? only.MaskedParameters : [];
        var portal = _state.Names.RentPortal(!bind.Portal.IsEmpty);
        portal.Bind(prepared, bind, frame.Body, masked);
        if (!judgement.IsAllowed)
        {
            // Held or refused here already: planning a Bind may run functions.
            switch (_hold.Pass(judgement, isExtended: true, portal.Parameters, frame.Body[(bind.Portal.Length + bind.Statement.Length + 2)..], out var first, out var refusal))
            {
                case Passage.Wait:
                    return false;
                case Passage.Refuse:
                    RefuseBind(refusal!);
                    return true;
            }

            portal.ApprovedDigest = judgement.Decision.Digest;
            portal.ApprovedRows = _hold.ApprovedRows;
            portal.RecordedStatement = first;
        }

        _state.ToUpstream.WriteBytes(frame.Bytes);
        portal.References++;
        ref var entry = ref AddExtended(InFlightKind.Bind);
        entry.Portal = portal;
        entry.Name = bind.Portal.IsEmpty ? null : bind.Portal.ToArray();
        entry.Previous = _state.Names.SetPortal(bind.Portal, portal);
        return true;
    }

    private void RefuseBind(Diagnostic refusal)
    {
        Substitute.WriteBind(_state.ToUpstream);
        AddExtended(InFlightKind.Bind).Refusal = refusal;
    }

    private void OnDescribe(in Frame frame)
    {
        Describe describe;
        try
        {
            describe = Describe.Read(frame.Body);
        }
        catch (ProtocolViolationException violation) when (!violation.IsFatal)
        {
            Substitute.WriteDescribe(_state.ToUpstream);
            AddExtended(InFlightKind.Describe).Refusal = Diagnostic.For(violation);
            return;
        }

        _state.ToUpstream.WriteBytes(frame.Bytes);
        ref var entry = ref AddExtended(InFlightKind.Describe);
        entry.Target = describe.Target;
        if (describe.Target == TargetKind.Statement)
        {
            entry.Prepared = _state.Names.FindPrepared(describe.Name);
        }
        else if (_state.Names.FindPortal(describe.Name) is { } portal)
        {
            entry.Portal = portal;
            portal.References++;
            portal.IsDescribing = true;
        }
    }

    private bool OnExecute(in Frame frame)
    {
        Execute execute;
        try
        {
            execute = Execute.Read(frame.Body);
        }
        catch (ProtocolViolationException violation) when (!violation.IsFatal)
        {
            RefuseExecute(Diagnostic.For(violation));
            return true;
        }

        if (_state.Names.FindPortal(execute.Portal) is not { } portal)
        {
            RefuseExecute(Diagnostic.Error(SqlStates.InvalidCursorName, $"portal \"{System.Text.Encoding.UTF8.GetString(execute.Portal)}\" does not exist"));
            return true;
        }

        if (!_judge.TryJudge(portal.Statement, portal.Parameters.Parameters.Length > 0, out var judgement))
            return false;
        long first;
        var isApproved = judgement.IsReview && !portal.ApprovedDigest.IsEmpty && portal.ApprovedDigest.Span.SequenceEqual(judgement.Decision.Digest.Span);
        if (isApproved && portal.RecordedStatement > 0)
        {
            first = portal.RecordedStatement;
            portal.RecordedStatement = 0;
        }
        else
        {
            switch (_hold.Pass(judgement, isExtended: true, portal.Parameters, portal.Parameters.Source, out first, out var refusal, isApproved))
            {
                case Passage.Wait:
                    return false;
                case Passage.Refuse:
                    RefuseExecute(refusal!);
                    return true;
            }
        }

        var approvedRows = isApproved ? portal.ApprovedRows : _hold.ApprovedRows;
        if (NeedsDescription(judgement, portal))
            DescribeUnasked(execute.Portal, portal);
        if (judgement.IsGuarded)
            _state.Guard.BeforeExecute(judgement);
        var left = _state.Budgets.ReadLeft(judgement, portal.RowsReturned);
        var limit = BudgetGuard.Limit(left, execute.MaxRows, out var isCut);
        if (isCut)
            Execute.Write(_state.ToUpstream, execute.Portal, limit);
        else
            _state.ToUpstream.WriteBytes(frame.Bytes);
        ref var entry = ref AddExtended(InFlightKind.Execute);
        Fill(ref entry, judgement);
        entry.Portal = portal;
        entry.FirstStatement = first;
        entry.IsGuarded = judgement.IsGuarded;
        entry.ReadLeft = left;
        entry.IsCutByBudget = isCut;
        entry.ApprovedRows = approvedRows;
        portal.References++;
        if (judgement.IsGuarded)
            _state.Guard.AfterExecute();
        return true;
    }

    private void RefuseExecute(Diagnostic refusal)
    {
        Substitute.WriteExecute(_state.ToUpstream);
        AddExtended(InFlightKind.Execute).Refusal = refusal;
    }

    /// <summary>Rows are coming that must be looked into, and nothing current says what their columns are.</summary>
    private bool NeedsDescription(Judgement judgement, Portal portal)
    {
        if (!judgement.NeedsAnswerPlan || portal.Description is not null || portal.IsDescribing)
            return false;
        if (judgement.Statements is [{ Analysis: { IsLineageProvable: true, ResultColumns.IsDefault: true } }])
            return false;
        return portal.Statement.Description is null || portal.Statement.DescribedIn != _state.Surroundings.Generation;
    }

    private void DescribeUnasked(ReadOnlySpan<byte> name, Portal portal)
    {
        Describe.Write(_state.ToUpstream, TargetKind.Portal, name);
        ref var entry = ref AddExtended(InFlightKind.Describe);
        entry.Purpose = InFlightPurpose.Description;
        entry.Target = TargetKind.Portal;
        entry.Portal = portal;
        portal.References++;
        portal.IsDescribing = true;
    }

    private void OnClose(in Frame frame)
    {
        Close close;
        try
        {
            close = Close.Read(frame.Body);
        }
        catch (ProtocolViolationException violation) when (!violation.IsFatal)
        {
            Substitute.WriteDescribe(_state.ToUpstream);
            AddExtended(InFlightKind.Describe).Refusal = Diagnostic.For(violation);
            return;
        }

        _state.ToUpstream.WriteBytes(frame.Bytes);
        ref var entry = ref AddExtended(InFlightKind.Close);
        entry.Target = close.Target;
        entry.Name = close.Name.IsEmpty ? null : close.Name.ToArray();
        if (close.Target == TargetKind.Statement)
        {
            entry.Previous = _state.Names.SetPrepared(close.Name, null);
            if (!close.Name.IsEmpty && entry.Previous is not null)
                _state.Surroundings.OnNamesChanged();
        }
        else
        {
            entry.Previous = _state.Names.SetPortal(close.Name, null);
        }
    }

    private void OnSync(in Frame frame)
    {
        Sync.Read(frame.Body);
        _state.ToUpstream.WriteBytes(frame.Bytes);
        _state.InFlight.Add(InFlightKind.Sync);
        _state.HasUnsynced = false;
        _state.HasUnflushed = false;
        _state.SkipsUntilSync = false;
    }

    private bool OnFunctionCall()
    {
        RefuseQuery(Diagnostic.Error(SqlStates.FeatureNotSupported, "weir: the function call protocol is not supported") with { Hint = "Call the function by a SELECT." });
        return true;
    }

    private ref InFlight AddExtended(InFlightKind kind)
    {
        _state.HasUnsynced = true;
        _state.HasUnflushed = true;
        return ref _state.InFlight.Add(kind);
    }
}
