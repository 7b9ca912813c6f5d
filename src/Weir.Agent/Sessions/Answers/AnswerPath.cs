using Weir.Agent.Recording;
using Weir.Agent.Sessions.Statements;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions.Answers;

/// <summary>
/// The way from the server to the client: whose answer it is → budget → mask → record → forward. Runs of messages that need no change are
/// copied as one block.
/// </summary>
internal sealed class AnswerPath
{
    private readonly RelayState _state;
    private readonly NameProbe _probe;
    private readonly AnswerEnds _ends;
    private readonly AnswerRows _rows;
    private CallAnswer? _call;
    private readonly RunUndo _undo;
    private readonly AnswerDiagnostics _diagnostics;
    private bool _wasUndone;
    private bool _skipsToReady;
    private bool _failedOnTheWayBack;

    public AnswerPath(RelayState state, NameProbe probe)
    {
        _state = state;
        _probe = probe;
        _ends = new AnswerEnds(state);
        _rows = new AnswerRows(state);
        _undo = new RunUndo(state, _ends);
        _diagnostics = new AnswerDiagnostics(state);
    }

    private PostgresSession Session => _state.Session;

    /// <returns>Bytes taken.</returns>
    public int OnBytes(ReadOnlySpan<byte> data)
    {
        var runStart = _rows.IsStreaming ? _rows.OnPiece(data) : 0;
        if (_rows.IsStreaming)
            return runStart;
        var scanner = new FrameScanner(data, MessageDirection.Backend, ProtocolLimits.Default);
        scanner.SkipTo(runStart);
        while (!Session.IsOver)
        {
            var status = scanner.TryRead(out var frame);
            if (status != FrameStatus.Complete)
            {
                if (status == FrameStatus.NeedBody)
                {
                    _state.ToClient.WriteBytes(data[runStart..scanner.Position]);
                    runStart = scanner.Position;
                    _rows.OnPartial(ref scanner, frame);
                    if (_rows.IsStreaming)
                        runStart = scanner.Position;
                }

                break;
            }

            var frameStart = scanner.Position - frame.Bytes.Length;
            // Whatever is written for this message must come behind the run in front of it.
            _state.ToClient.WriteBytes(data[runStart..frameStart]);
            runStart = frameStart;
            if (frame.BackendType == BackendMessageType.DataRow && !_skipsToReady && _rows.TryPassRows(data[frameStart..], out var length))
            {
                _state.ToClient.WriteBytes(data.Slice(frameStart, length));
                runStart = frameStart + length;
                scanner.SkipTo(runStart);
                continue;
            }

            if (frame.BackendType == BackendMessageType.DataRow && !_skipsToReady && _rows.TryMaskRows(data[frameStart..], out length))
            {
                runStart = frameStart + length;
                scanner.SkipTo(runStart);
                continue;
            }

            if (!Handle(frame))
                runStart = scanner.Position;
        }

        if (!Session.IsOver)
            _state.ToClient.WriteBytes(data[runStart..scanner.Position]);
        return scanner.Position;
    }

    /// <returns>True: the message goes on as it is. False: it was replaced or swallowed.</returns>
    private bool Handle(in Frame frame)
    {
        switch (frame.BackendType)
        {
            case BackendMessageType.ParameterStatus:
                return _diagnostics.OnParameterStatus(ParameterStatus.Read(frame.Body));
            case BackendMessageType.NoticeResponse:
                return !_state.DryRun.IsRunning && _diagnostics.OnNotice(NoticeResponse.Read(frame.Body));
            case BackendMessageType.ErrorResponse:
                return OnError(frame);
            case BackendMessageType.NotificationResponse:
                return _diagnostics.OnNotification(NotificationResponse.Read(frame.Body));
            case BackendMessageType.BackendKeyData:
                return false;
        }

        _state.SkipMarkers();
        ref var head = ref _state.InFlight.Head;
        switch (frame.BackendType)
        {
            case BackendMessageType.ReadyForQuery:
                return OnReady(ref head, ReadyForQuery.Read(frame.Body));
            case BackendMessageType.RowDescription:
                return OnRowDescription(ref head, frame.Body);
            case BackendMessageType.DataRow:
                return OnDataRow(ref head, frame);
            case BackendMessageType.CommandComplete or BackendMessageType.EmptyQueryResponse or BackendMessageType.PortalSuspended:
                head.Expect(InFlightKind.Query, InFlightKind.Execute);
                return OnComplete(ref head, frame);
            case BackendMessageType.ParseComplete or BackendMessageType.BindComplete or BackendMessageType.CloseComplete:
                head.Expect(InFlight.KindOf(frame.BackendType));
                return Pop(ref head);
            case BackendMessageType.ParameterDescription:
                head.Expect(InFlightKind.Describe);
                AnswerRows.Describe(ref head, ParameterDescription.Read(frame.Body));
                return !head.IsInjected && !_skipsToReady;
            case BackendMessageType.NoData:
                head.Expect(InFlightKind.Describe);
                AnswerRows.Describe(ref head, [], _state.Surroundings.Generation);
                return Pop(ref head);
            case BackendMessageType.CopyInResponse:
                head.Expect(InFlightKind.Query, InFlightKind.Execute);
                OnCopyIn();
                return true;
            case BackendMessageType.CopyOutResponse:
                head.Expect(InFlightKind.Query, InFlightKind.Execute);
                return _rows.OnCopyOut(ref head, CopyOutResponse.Read(frame.Body));
            case BackendMessageType.CopyData:
                return _rows.OnCopyData(ref head, frame.Body);
            case BackendMessageType.CopyDone:
                return _rows.OnCopyDone(ref head);
            case BackendMessageType.FunctionCallResponse:
                _call ??= new CallAnswer(_state, _rows);
                return !_call.TryWrite(ref head, FunctionCallResponse.Read(frame.Body), _ends) && FailOnTheWayBack(ref head);
            default:
                throw new ProtocolViolationException($"unexpected message type {frame.Header.Type}");
        }
    }

    private bool OnError(in Frame frame)
    {
        var fields = ErrorResponse.Read(frame.Body);
        if (fields.IsFatal)
        {
            _state.SawFatal = true;
            return _diagnostics.Forward(fields);
        }

        _state.SkipMarkers();
        ref var head = ref _state.InFlight.Head;
        if (head.Purpose == InFlightPurpose.DryRun)
            return _state.DryRun.OnError(fields);

        _rows.EndCopyOut();
        _state.IsCopyIn = _state.DropsCopyData = false;
        _wasUndone = true;
        if (head.Purpose == InFlightPurpose.Names && _probe.EndsWithSync)
        {
            _undo.DropRun(out _);
            return false;
        }

        var forwarded = !_skipsToReady && _diagnostics.Say(ref head, fields);
        var isRecorded = head.Kind is InFlightKind.Execute or InFlightKind.Query && !head.IsInjected;
        if (head.IsGuarded && head.Refusal is null)
            _state.Guard.Settle(ref head);
        _ends.Failed(ref head, fields);
        if (head.Kind is InFlightKind.Query or InFlightKind.Sync)
            return forwarded;
        if (_undo.DropRun(out var isProbe))
            _state.Guard.OnError(fields, isRecorded, _ends);
        if (isProbe)
            _probe.OnDropped();
        return forwarded;
    }

    private bool OnReady(ref InFlight head, TransactionStatus status)
    {
        head.Expect(InFlightKind.Query, InFlightKind.Sync);
        if (head.Purpose == InFlightPurpose.DryRun)
            return _state.DryRun.OnReady(status);
        if (_failedOnTheWayBack)
        {
            _failedOnTheWayBack = _skipsToReady = false;
            if (status == TransactionStatus.InTransaction)
                return AbortTransaction(ref head);
        }

        var before = _state.Status;
        _state.Ready(status);
        if (head.FirstStatement > 0)
            _ends.Unrun(ref head);
        if (status == TransactionStatus.Idle)
        {
            _state.Names.OnTransactionOver(head.Run);
            _state.Budgets.OnTransactionOver(_wasUndone);
            _state.Surroundings.OnTransactionEnd(_wasUndone, isOver: true);
            if (_state.Surroundings.AwaitsCatalog)
                _state.RefreshCatalog();
        }
        else if (status == TransactionStatus.InTransaction && (_wasUndone || before == TransactionStatus.Failed))
        {
            _state.Surroundings.OnTransactionEnd(wasUndone: true, isOver: false);
        }

        if (_wasUndone)
            _state.Names.OnRollback();
        _wasUndone = status == TransactionStatus.Failed;
        var isShown = head.Purpose == InFlightPurpose.Abort | Pop(ref head);
        _state.Guard.OnReady(status);
        _state.LetGo();
        return isShown;
    }

    /// <summary>The client was told of an error that the server does not know of: the transaction is made to fail there too.</summary>
    private bool AbortTransaction(ref InFlight head)
    {
        if (head.FirstStatement > 0)
            _ends.Unrun(ref head);
        Pop(ref head);
        if (_state.InFlight.Count > 0)
        {
            // What the client sent meanwhile runs in a transaction that it takes for failed.
            EndUntold();
            return false;
        }

        Substitute.WriteQuery(_state.ToUpstream);
        _state.InFlight.Add(InFlightKind.Query).Purpose = InFlightPurpose.Abort;
        return false;
    }

    private bool OnRowDescription(ref InFlight head, ReadOnlySpan<byte> body)
    {
        if (head.Kind == InFlightKind.Describe)
        {
            if (head.Purpose == InFlightPurpose.DryRun)
                _state.DryRun.OnDescription(body);
            var isGuarded = head.Purpose == InFlightPurpose.GuardedText;
            AnswerRows.Describe(ref head, body, _state.Surroundings.Generation);
            var isShown = Pop(ref head);
            if (!isGuarded)
                return isShown;
            _rows.OnDescription(ref _state.InFlight.Head, body);
            return true;
        }

        head.Expect(InFlightKind.Query);
        if (head.Failure is not null)
            return false;
        _rows.OnDescription(ref head, body);
        return true;
    }

    private bool OnDataRow(ref InFlight head, in Frame frame)
    {
        head.Expect(InFlightKind.Query, InFlightKind.Execute);
        switch (head.Purpose)
        {
            case InFlightPurpose.Names:
                _probe.OnRow(frame.Body);
                return false;
            case InFlightPurpose.Measure:
                _state.Guard.OnRow(frame.Body);
                return false;
            case InFlightPurpose.DryRun:
                _state.DryRun.OnRow(frame.Body);
                return false;
            default:
                return !_skipsToReady && _rows.OnDataRow(ref head, frame);
        }
    }

    private bool OnComplete(ref InFlight head, in Frame frame)
    {
        if (head.Refusal is not null || head.Purpose == InFlightPurpose.Abort)
            throw new ProtocolViolationException("a statement that must fail did not");
        if (head.IsInjected)
            return Pop(ref head);
        var tag = frame.BackendType == BackendMessageType.CommandComplete ? CommandComplete.Read(frame.Body).Tag : [];
        _rows.EndCopyOut();
        if (head.IsGuarded)
        {
            _state.Guard.OnComplete(ref head, frame.Bytes);
            Pop(ref head);
            _state.Guard.Continue(_ends);
            return false;
        }

        if (head.Failure is not null)
            return FailOnTheWayBack(ref head);
        _state.OnTag(tag);
        if (tag.SequenceEqual("ROLLBACK"u8))
        {
            _state.LeftFailedBlock = true;
            _wasUndone = true;
            _state.Names.OnRollback();
            _state.Surroundings.OnTransactionEnd(wasUndone: true, isOver: false);
        }
        else if (tag.SequenceEqual("COMMIT"u8))
        {
            _state.Surroundings.OnTransactionEnd(wasUndone: false, isOver: false);
        }

        _ends.Succeeded(ref head, tag);
        return (head.Kind == InFlightKind.Query || Pop(ref head)) && !_skipsToReady;
    }

    /// <summary>A statement that the server carried out, whose answer could not be given to the client.</summary>
    private bool FailOnTheWayBack(ref InFlight head)
    {
        var isExecute = head.Kind == InFlightKind.Execute;
        if (_skipsToReady)
        {
            // A later statement of the text that failed: the server knows nothing of that.
            _ends.Succeeded(ref head, []);
            return false;
        }

        ErrorResponse.Write(_state.ToClient, head.Failure!);
        _ends.Failed(ref head, head.Failure!);
        _failedOnTheWayBack = _skipsToReady = true;
        if (!isExecute)
            return false;
        Pop(ref head);
        // The server goes on with what was sent behind it; the client would not learn of it.
        for (var i = 0; i < _state.InFlight.Count && _state.InFlight[i].Kind is not (InFlightKind.Sync or InFlightKind.Query); i++)
        {
            if (_state.InFlight[i].Kind == InFlightKind.Execute && !_state.InFlight[i].IsInjected)
            {
                EndUntold();
                return false;
            }
        }

        _state.SkipsUntilSync = _state.InFlight.Count == 0;
        return false;
    }

    private void EndUntold() =>
        Session.End(SessionEndReason.Failed, Diagnostic.Fatal(SqlStates.InFailedSqlTransaction, "weir: statements were sent behind one whose answer had to be withheld"));

    private void OnCopyIn()
    {
        if (_skipsToReady)
        {
            EndUntold();
            return;
        }

        _state.BeginCopyIn();
    }

    /// <summary>Takes the head off the queue.</summary>
    /// <returns>Whether the client sees the message that completed it.</returns>
    private bool Pop(ref InFlight head)
    {
        if (head.Purpose == InFlightPurpose.Client)
        {
            // The usual case: without a copy of the entry.
            var isAlwaysShown = head.Kind is InFlightKind.Sync or InFlightKind.Query;
            _state.RemoveHead();
            return !_skipsToReady || isAlwaysShown;
        }

        var taken = head;
        _state.RemoveHead();
        switch (taken.Purpose)
        {
            case InFlightPurpose.Names:
                _probe.OnStep(taken.Kind);
                return false;
            case InFlightPurpose.Measure:
                _state.Guard.OnStep(taken, _ends);
                return false;
            case InFlightPurpose.DryRun:
                _state.DryRun.OnStep(taken.Kind);
                return false;
            default:
                return false;
        }
    }
}
