using Weir.Agent.Masking;
using Weir.Agent.Recording;
using Weir.Policy.Analysis;
using Weir.Policy.Masking;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions;

/// <summary>
/// The way from the server to the client: whose answer it is → mask → record → forward. Runs of messages that need no change are
/// copied as one block.
/// </summary>
internal sealed class AnswerPath(RelayState state, NameProbe probe)
{
    private static readonly Diagnostic Aborted =
        Diagnostic.Error(SqlStates.InFailedSqlTransaction, "current transaction is aborted, commands ignored until end of transaction block");

    private readonly ProtocolLimits _limits = new(
        maxCopyData: state.Session.Services.Options.MaxInspectedAnswer,
        maxRowMessage: state.Session.Services.Options.MaxInspectedAnswer);

    private RowMasker? _masker;
    private CopyMasker? _copyMasker;
    private bool _isCopyOut;
    private bool _wasUndone;

    private PostgresSession Session => state.Session;

    private RowMasker Masker => _masker ??= new RowMasker();

    /// <returns>Bytes taken.</returns>
    public int OnBytes(ReadOnlySpan<byte> data)
    {
        var scanner = new FrameScanner(data, MessageDirection.Backend, _limits);
        var runStart = 0;
        while (!Session.IsOver && scanner.TryRead(out var frame) == FrameStatus.Complete)
        {
            var frameStart = scanner.Position - frame.Bytes.Length;
            if (PassesUnseen(frame))
                continue;
            // Whatever is written for this message must come behind the run in front of it.
            state.ToClient.WriteBytes(data[runStart..frameStart]);
            runStart = frameStart;
            if (frame.BackendType == BackendMessageType.DataRow && TryPassRows(data[frameStart..], out var length))
            {
                state.ToClient.WriteBytes(data.Slice(frameStart, length));
                runStart = frameStart + length;
                scanner.SkipTo(runStart);
                continue;
            }

            if (!Handle(frame))
                runStart = scanner.Position;
        }

        if (!Session.IsOver)
            state.ToClient.WriteBytes(data[runStart..scanner.Position]);
        return scanner.Position;
    }

    /// <summary>Messages that change nothing here.</summary>
    private static bool PassesUnseen(in Frame frame) => frame.BackendType == BackendMessageType.NotificationResponse;

    /// <summary>A run of rows that nobody has to look into: counted by their headers, recorded and forwarded as one block.</summary>
    private bool TryPassRows(ReadOnlySpan<byte> data, out int length)
    {
        length = 0;
        if (state.InFlight.Count == 0)
            return false;
        ref var head = ref state.InFlight.Head;
        if (head.IsInjected || head.Judgement is not { } judgement || head.Kind is not (InFlightKind.Query or InFlightKind.Execute))
            return false;
        if (judgement.NeedsAnswerPlan && ResolvePlan(ref head) is not { PassesThrough: true })
            return false;
        RecordColumns(ref head);
        var rows = 0;
        while (data.Length - length >= FrameHeader.Size && data[length] == (byte)BackendMessageType.DataRow)
        {
            var size = 1 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(data[(length + 1)..]);
            if (size < FrameHeader.Size || data.Length - length < size)
                break;
            length += size;
            rows++;
        }

        head.Rows += rows;
        if (head.FirstStatement > 0)
            state.Recording.Rows(head.FirstStatement + head.Done, data[..length]);
        return true;
    }

    /// <returns>True: the message goes on as it is. False: it was replaced or swallowed.</returns>
    private bool Handle(in Frame frame)
    {
        switch (frame.BackendType)
        {
            case BackendMessageType.ParameterStatus:
                return OnParameterStatus(ParameterStatus.Read(frame.Body));
            case BackendMessageType.NoticeResponse:
                return OnNotice(frame);
            case BackendMessageType.ErrorResponse:
                return OnError(frame);
            case BackendMessageType.BackendKeyData:
                return false;
        }

        if (state.InFlight.Count == 0)
            throw new ProtocolViolationException("answer without a question");
        SkipMarkers();
        ref var head = ref state.InFlight.Head;
        switch (frame.BackendType)
        {
            case BackendMessageType.ReadyForQuery:
                return OnReady(ref head, ReadyForQuery.Read(frame.Body));
            case BackendMessageType.RowDescription:
                return OnRowDescription(ref head, frame.Body);
            case BackendMessageType.DataRow:
                return OnDataRow(ref head, frame.Body);
            case BackendMessageType.CommandComplete:
                Expect(ref head, InFlightKind.Query, InFlightKind.Execute);
                return OnComplete(ref head, frame.Body[..^1]);
            case BackendMessageType.EmptyQueryResponse or BackendMessageType.PortalSuspended:
                Expect(ref head, InFlightKind.Query, InFlightKind.Execute);
                return OnComplete(ref head, []);
            case BackendMessageType.ParseComplete:
                Expect(ref head, InFlightKind.Parse);
                return Pop(ref head);
            case BackendMessageType.BindComplete:
                Expect(ref head, InFlightKind.Bind);
                return Pop(ref head);
            case BackendMessageType.CloseComplete:
                Expect(ref head, InFlightKind.Close);
                return Pop(ref head);
            case BackendMessageType.ParameterDescription:
                Expect(ref head, InFlightKind.Describe);
                OnParameterDescription(ref head, ParameterDescription.Read(frame.Body));
                return !head.IsInjected;
            case BackendMessageType.NoData:
                Expect(ref head, InFlightKind.Describe);
                Describe(ref head, []);
                return Pop(ref head);
            case BackendMessageType.CopyInResponse:
                return OnCopyIn(ref head);
            case BackendMessageType.CopyOutResponse:
                return OnCopyOut(ref head, CopyOutResponse.Read(frame.Body));
            case BackendMessageType.CopyData:
                return OnCopyData(ref head, frame.Body);
            case BackendMessageType.CopyDone when _isCopyOut:
                _isCopyOut = false;
                _copyMasker = null;
                return true;
            default:
                throw new ProtocolViolationException($"unexpected message type {frame.Header.Type}");
        }
    }

    private bool OnParameterStatus(ParameterStatus status)
    {
        var name = System.Text.Encoding.UTF8.GetString(status.Name);
        if (name == "application_name")
            return false;
        state.OnParameter(name, System.Text.Encoding.UTF8.GetString(status.Value));
        return true;
    }

    private bool OnNotice(in Frame frame)
    {
        var fields = NoticeResponse.Read(frame.Body);
        if (state.InFlight.Count > 0 && state.InFlight.Head is { FirstStatement: > 0 } head)
        {
            var masked = state.Surroundings.Policy.HasMasking;
            state.Recording.Notice(head.FirstStatement + head.Done, fields.Severity, fields.SqlState, masked ? "(withheld)"u8 : fields.Message);
        }

        if (!state.Surroundings.Policy.HasMasking)
            return true;
        DiagnosticScrubber.Write(BackendMessageType.NoticeResponse, fields, TextInFront(), state.ToClient);
        return false;
    }

    private ReadOnlySpan<byte> TextInFront() =>
        state.InFlight.Count == 0 ? [] : state.InFlight.Head.Judgement?.Text ?? state.InFlight.Head.Prepared?.Text ?? state.InFlight.Head.Portal?.Statement.Text ?? [];

    private bool OnError(in Frame frame)
    {
        var fields = ErrorResponse.Read(frame.Body);
        if (fields.IsFatal)
        {
            state.SawFatal = true;
            return Forward(fields);
        }

        SkipMarkers();
        if (state.InFlight.Count == 0)
            return Forward(fields);
        ref var head = ref state.InFlight.Head;
        _isCopyOut = false;
        _copyMasker = null;
        state.IsCopyIn = false;
        _wasUndone = true;
        if (head.IsInjected && head.Kind != InFlightKind.Describe && !probe.OnError())
        {
            DropRun();
            return false;
        }

        var forwarded = false;
        if (head.Refusal is { } refusal && Substitute.IsOwnError(fields.SqlState))
            ErrorResponse.Write(state.ToClient, head.Kind == InFlightKind.Execute && state.IsInFailedBlock ? Aborted : refusal);
        else
            forwarded = Forward(fields);
        FinishFailed(ref head, fields);
        if (head.Kind is not (InFlightKind.Query or InFlightKind.Sync))
            DropRun();
        return forwarded;
    }

    /// <summary>Sends the server's own error on, without values where masking rules apply.</summary>
    private bool Forward(DiagnosticFields fields)
    {
        if (!state.Surroundings.Policy.HasMasking)
            return true;
        DiagnosticScrubber.Write(BackendMessageType.ErrorResponse, fields, TextInFront(), state.ToClient);
        return false;
    }

    /// <summary>An error in the extended protocol: the server carries out nothing more until the next Sync. Names that were given in advance are taken back, the last one first.</summary>
    private void DropRun()
    {
        var count = 0;
        while (count < state.InFlight.Count && state.InFlight[count].Kind != InFlightKind.Sync)
            count++;
        if (count == state.InFlight.Count)
        {
            state.SkipsUntilSync = true;
            state.HasUnsynced = true;
        }

        for (var i = count - 1; i >= 0; i--)
            Undo(ref state.InFlight[i], isFirst: i == 0);
        for (var i = 0; i < count; i++)
        {
            ref var head = ref state.InFlight.Head;
            if (i > 0 && head.FirstStatement > 0)
                FinishUnrun(ref head);
            Remove(ref head);
        }

        state.Resume();
    }

    private void Undo(ref InFlight entry, bool isFirst)
    {
        switch (entry.Kind)
        {
            // The failed Parse of the unnamed statement has done away with the one before; all others leave what there was.
            case InFlightKind.Parse when entry.Name is null && isFirst:
                state.Names.SetPrepared([], null);
                break;
            case InFlightKind.Parse or InFlightKind.Close when !entry.IsInjected && (entry.Kind == InFlightKind.Parse || entry.Target == TargetKind.Statement):
                if (entry.Refusal is null || entry.Name is null)
                    state.Names.SetPrepared(entry.Name, (PreparedStatement?)entry.Previous);
                state.Surroundings.OnNamesChanged();
                break;
            case InFlightKind.Bind or InFlightKind.Close when !entry.IsInjected && entry.Refusal is null:
                state.Names.SetPortal(entry.Name, (Portal?)entry.Previous);
                break;
        }
    }

    private bool OnReady(ref InFlight head, TransactionStatus status)
    {
        Expect(ref head, InFlightKind.Query, InFlightKind.Sync);
        var before = state.Status;
        state.Status = status;
        state.LeftFailedBlock = false;
        if (head.FirstStatement > 0)
            FinishUnrun(ref head);
        if (status == TransactionStatus.Idle)
        {
            state.Names.OnTransactionOver();
            state.Surroundings.OnTransactionEnd(_wasUndone, isOver: true);
            if (state.Surroundings.AwaitsCatalog)
                state.RefreshCatalog();
        }
        else if (before == TransactionStatus.Failed && status == TransactionStatus.InTransaction)
        {
            state.Surroundings.OnTransactionEnd(wasUndone: true, isOver: false);
        }

        if (_wasUndone)
            state.Names.OnRollback();
        _wasUndone = status == TransactionStatus.Failed;
        return Pop(ref head);
    }

    private bool OnRowDescription(ref InFlight head, ReadOnlySpan<byte> body)
    {
        if (head.Kind == InFlightKind.Describe)
        {
            Describe(ref head, body);
            return Pop(ref head);
        }

        Expect(ref head, InFlightKind.Query);
        if (head.Judgement is not { } judgement || head.Done >= judgement.Statements.Length)
            throw new ProtocolViolationException("description without a statement");
        head.Plan = MakePlan(judgement, head.Done, body, null);
        head.AreColumnsRecorded = false;
        RecordColumns(ref head);
        return true;
    }

    private void Describe(ref InFlight head, ReadOnlySpan<byte> body)
    {
        if (head.Prepared is { } prepared && head.Target == TargetKind.Statement)
        {
            prepared.Description = body.ToArray();
            prepared.DescribedIn = state.Surroundings.Generation;
        }

        if (head.Portal is { } portal && head.Target == TargetKind.Portal)
        {
            portal.Description = body.ToArray();
            portal.IsDescribing = false;
        }
    }

    private static void OnParameterDescription(ref InFlight head, ParameterDescription description)
    {
        if (head.Prepared is not { } prepared)
            return;
        if (prepared.ParameterTypes.Length != description.Count)
            prepared.ParameterTypes = new uint[description.Count];
        for (var i = 0; i < prepared.ParameterTypes.Length; i++)
            prepared.ParameterTypes[i] = description[i];
    }

    private bool OnDataRow(ref InFlight head, ReadOnlySpan<byte> body)
    {
        Expect(ref head, InFlightKind.Query, InFlightKind.Execute);
        if (head.IsInjected)
        {
            probe.OnRow(body);
            return false;
        }

        if (ResolvePlan(ref head) is not { } plan)
            throw new ProtocolViolationException("rows without a description");
        RecordColumns(ref head);
        head.Rows++;
        var before = state.ToClient.Length;
        Masker.MaskRow(plan, head.Judgement!.Policy.Detectors, body, state.ToClient);
        if (head.FirstStatement > 0)
            state.Recording.Rows(head.FirstStatement + head.Done, state.ToClient.Written[before..]);
        return false;
    }

    /// <summary>The plan of the rows that come; null when nothing says what their columns are.</summary>
    private AnswerPlan? ResolvePlan(ref InFlight head)
    {
        if (head.Plan is not null || head.Kind != InFlightKind.Execute || head.Portal is not { } portal || head.Judgement is not { } judgement)
            return head.Plan;
        if (portal.Description is { Length: > 0 } own)
            head.Plan = MakePlan(judgement, 0, own, null);
        else if (portal.Statement.Description is { Length: > 0 } shared && portal.Statement.DescribedIn == state.Surroundings.Generation)
            head.Plan = MakePlan(judgement, 0, shared, portal.Formats);
        return head.Plan;
    }

    private AnswerPlan MakePlan(Judgement judgement, int index, ReadOnlySpan<byte> description, short[]? formats)
    {
        var statement = judgement.Statements[index];
        var catalog = state.Surroundings.Catalog;
        if (statement.FindPlan(description, formats, catalog) is { } cached)
            return cached;
        var plan = AnswerPlanner.Plan(judgement.Policy, statement.Masking, catalog, description, formats, out var hasUnknownOrigin);
        if (hasUnknownOrigin)
            state.Start.Catalog.Refresh(static _ => { });
        else
            statement.StorePlan(description, formats, catalog, plan);
        return plan;
    }

    private void RecordColumns(ref InFlight head)
    {
        if (head.AreColumnsRecorded || head.FirstStatement == 0)
            return;
        head.AreColumnsRecorded = true;
        if (ResolvePlan(ref head) is { } plan)
            state.Recording.Columns(head.FirstStatement + head.Done, plan.Columns);
    }

    private bool OnComplete(ref InFlight head, ReadOnlySpan<byte> tag)
    {
        if (head.Refusal is not null)
            throw new ProtocolViolationException("a statement that must fail did not");
        if (head.IsInjected)
        {
            return Pop(ref head);
        }

        _isCopyOut = false;
        _copyMasker = null;
        if (tag.SequenceEqual("ROLLBACK"u8))
        {
            state.LeftFailedBlock = true;
            _wasUndone = true;
            state.Names.OnRollback();
        }

        if (head.Judgement is { } judgement && head.Done < judgement.Statements.Length)
        {
            var statement = judgement.Statements[head.Done];
            if (statement.Analysis is { } analysis && judgement.IsMover)
                OnMoved(analysis, judgement);
            if (head.FirstStatement > 0)
            {
                state.Recording.Finished(head.FirstStatement + head.Done, new StatementOutcome
                {
                    Status = StatementStatus.Ok,
                    CommandTag = tag,
                    Rows = RowsOf(tag, head.Rows),
                    Duration = Session.Services.Time.GetElapsedTime(head.StartedAt),
                });
            }

            head.Done++;
            head.Rows = 0;
            head.Plan = null;
            head.AreColumnsRecorded = false;
        }

        return head.Kind == InFlightKind.Query || Pop(ref head);
    }

    private void OnMoved(StatementAnalysis analysis, Judgement judgement)
    {
        if (!GatewayRules.IsMover(analysis))
            return;
        state.Surroundings.OnMoved(analysis, inTransaction: true);
        if (state.Names.OnCompleted(analysis, judgement.Text))
            state.Surroundings.OnNamesChanged();
    }

    private static long? RowsOf(ReadOnlySpan<byte> tag, long returned)
    {
        if (tag.IsEmpty)
            return returned;
        var space = tag.LastIndexOf((byte)' ');
        return space >= 0 && System.Buffers.Text.Utf8Parser.TryParse(tag[(space + 1)..], out long count, out var used) && used == tag.Length - space - 1 ? count : returned > 0 ? returned : null;
    }

    private bool OnCopyIn(ref InFlight head)
    {
        Expect(ref head, InFlightKind.Query, InFlightKind.Execute);
        // Syncs that were sent behind it are swallowed by the COPY; an end that was sent in advance ends it.
        for (var i = 1; i < state.InFlight.Count;)
        {
            switch (state.InFlight[i].Kind)
            {
                case InFlightKind.Sync:
                    state.InFlight.RemoveAt(i);
                    state.HasUnsynced = true;
                    continue;
                case InFlightKind.CopyEnd:
                    state.InFlight.RemoveAt(i);
                    return true;
                default:
                    // The server closes the connection over it.
                    return true;
            }
        }

        state.IsCopyIn = true;
        state.Resume();
        return true;
    }

    private bool OnCopyOut(ref InFlight head, CopyResponseBody response)
    {
        Expect(ref head, InFlightKind.Query, InFlightKind.Execute);
        if (head.Judgement is not { } judgement || head.Done >= judgement.Statements.Length)
            throw new ProtocolViolationException("COPY without a statement");
        _isCopyOut = true;
        if (judgement.NeedsAnswerPlan)
        {
            var statement = judgement.Statements[head.Done];
            if (statement.Analysis is null)
                throw new ProtocolViolationException("COPY without an analysis");
            _copyMasker = CopyMasker.Create(judgement.Policy, statement.Masking, statement.Analysis, response);
        }

        return true;
    }

    private bool OnCopyData(ref InFlight head, ReadOnlySpan<byte> body)
    {
        if (!_isCopyOut)
            throw new ProtocolViolationException("COPY data without a COPY");
        if (_copyMasker is null)
        {
            head.Rows++;
            if (head.FirstStatement > 0)
                state.Recording.CopyData(head.FirstStatement + head.Done, isOut: true, body);
            return true;
        }

        var before = state.ToClient.Length;
        _copyMasker.Mask(Masker, body, state.ToClient);
        if (head.FirstStatement > 0)
            state.Recording.CopyData(head.FirstStatement + head.Done, isOut: true, state.ToClient.Written[(before + FrameHeader.Size)..]);
        return false;
    }

    private void FinishFailed(ref InFlight head, DiagnosticFields fields)
    {
        if (head.FirstStatement == 0 || head.Judgement is not { } judgement || head.Done >= judgement.Statements.Length)
            return;
        var isCancel = fields.SqlState.SequenceEqual("57014"u8);
        state.Recording.Finished(head.FirstStatement + head.Done, new StatementOutcome
        {
            Status = isCancel ? StatementStatus.Cancelled : StatementStatus.Failed,
            Rows = head.Rows,
            SqlState = fields.SqlState,
            ErrorMessage = judgement.Policy.HasMasking ? "(withheld)"u8 : fields.Message,
            Duration = Session.Services.Time.GetElapsedTime(head.StartedAt),
        });
        head.Done++;
    }

    /// <summary>Statements of the entry that the server never came to.</summary>
    private void FinishUnrun(ref InFlight head)
    {
        for (; head.Judgement is { } judgement && head.Done < judgement.Statements.Length; head.Done++)
            state.Recording.Finished(head.FirstStatement + head.Done, new StatementOutcome { Status = StatementStatus.Cancelled });
    }

    /// <summary>Takes the head off the queue.</summary>
    /// <returns>Whether the client sees the message that completed it.</returns>
    private bool Pop(ref InFlight head)
    {
        var isInjected = head.IsInjected;
        var kind = head.Kind;
        Remove(ref head);
        if (isInjected && kind != InFlightKind.Describe)
            probe.OnStep(kind);
        return !isInjected;
    }

    private void Remove(ref InFlight head)
    {
        if (head.Portal is { } portal)
            portal.References--;
        if (head.Judgement is { MayCopyIn: true })
            state.PendingCopies--;
        var isMover = head.IsMover;
        state.InFlight.RemoveHead();
        if (isMover && --state.Movers == 0)
            state.Resume();
    }

    private void SkipMarkers()
    {
        while (state.InFlight.Count > 0 && state.InFlight.Head.Kind == InFlightKind.CopyEnd)
            state.InFlight.RemoveHead();
        if (state.InFlight.Count == 0)
            throw new ProtocolViolationException("answer without a question");
    }

    private static void Expect(ref InFlight head, InFlightKind kind, InFlightKind other = InFlightKind.CopyEnd)
    {
        if (head.Kind != kind && head.Kind != other)
            throw new ProtocolViolationException("answer to another question");
    }
}
