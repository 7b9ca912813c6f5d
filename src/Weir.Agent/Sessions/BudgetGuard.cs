using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Weir.Agent.Recording;
using Weir.Policy.Analysis;
using Weir.Policy.Documents;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions;

/// <summary>
/// Carries out statements that count against budgets, so that what exceeds one can still be undone. A text of the simple protocol is carried out
/// statement by statement in the extended one, because the server commits a text before it says what it changed.
/// <code>
/// [count] → Execute, Flush → completion withheld → count → within the budget: completion to the client → next statement, or Sync
///                                                       → exceeded: an Execute that must fail, then Sync: PostgreSQL itself rolls back
/// </code>
/// The count is the server's own of the rows that the transaction has touched, so that triggers, cascades and functions count too.
/// While a guarded statement runs, nothing behind it is forwarded.
/// </summary>
internal sealed class BudgetGuard(RelayState state)
{
    /// <summary>Spaces in front of a statement, so that positions in errors are those of the whole text; beyond it they are not corrected.</summary>
    private const int MaxPadding = 16 * 1024;

    private static readonly byte[] Name = Encoding.ASCII.GetBytes("weir-count-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12)));

    // Everything with its schema: search_path is the client's.
    private static readonly byte[] Count =
        """
        SELECT coalesce(pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_updated(c.oid)
        OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid)), 0)::pg_catalog.int8 FROM pg_catalog.pg_class c
        WHERE c.relkind OPERATOR(pg_catalog.=) 'r' AND c.relpersistence OPERATOR(pg_catalog.<>) 't' AND c.oid OPERATOR(pg_catalog.>=) '16384'::pg_catalog.oid
        """u8.ToArray();

    private Judgement? _text;
    private byte[] _received = [];
    private long _textFirst;
    private long _textApproved;
    private long _textStartedAt;
    private int _next;
    private InFlight _pending;
    private byte[] _completion = [];
    private bool _isPending;
    private long _counted;
    private long? _baseline;

    /// <summary>A guarded statement runs: what the client sends waits, but for the data of a COPY.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Begins with a text of the simple protocol. The statements are recorded already.</summary>
    /// <param name="received">The text as the client sent it; of several statements only one that is UTF-8.</param>
    public void StartText(Judgement judgement, ReadOnlySpan<byte> received, long first, long approvedRows)
    {
        IsBusy = true;
        _text = judgement;
        _received = received.SequenceEqual(judgement.Text) ? judgement.Text : received.ToArray();
        _textFirst = first;
        _textApproved = approvedRows;
        _textStartedAt = state.Session.Services.Time.GetTimestamp();
        _next = 0;
        // A Query does away with the client's unnamed statement and portal; here they are in use.
        state.Names.SetPrepared([], null);
        state.Names.SetPortal([], null);
        SendNext();
        state.Park();
    }

    /// <summary>Called before a client's own Execute is forwarded.</summary>
    public void BeforeExecute(Judgement judgement)
    {
        // A failed transaction changes nothing, and lets nobody ask.
        if (judgement.CountsChanges && _baseline is null && !state.IsInFailedBlock)
            SendCount();
    }

    /// <summary>Called when a client's own Execute was forwarded.</summary>
    public void AfterExecute()
    {
        IsBusy = true;
        state.FlushNow();
        state.Park();
    }

    /// <summary>The statement in front has run, but its completion is not for the client yet.</summary>
    /// <param name="completion">The whole message.</param>
    public void OnComplete(ref InFlight head, ReadOnlySpan<byte> completion)
    {
        _pending = head;
        _isPending = true;
        _completion = completion.ToArray();
        if (head.Portal is { } portal)
            portal.RowsReturned += head.Rows;
        if (head.ReadLeft is not null)
            state.Budgets.Read(head.Rows);
    }

    /// <summary>Goes on when the completed statement was taken off the queue.</summary>
    public void Continue(AnswerEnds ends)
    {
        var judgement = _pending.Judgement!;
        if (_pending.Failure is null && judgement.CountsChanges)
        {
            SendCount();
            state.FlushNow();
            return;
        }

        Conclude(ends);
    }

    /// <summary>The server's count.</summary>
    public void OnRow(ReadOnlySpan<byte> body)
    {
        foreach (var field in DataRow.Read(body).Fields)
        {
            if (long.TryParse(Encoding.ASCII.GetString(field.Value), NumberStyles.Integer, CultureInfo.InvariantCulture, out var count))
                _counted = count;
            return;
        }
    }

    /// <summary>An injected message of a count was answered.</summary>
    public void OnStep(InFlight answered, AnswerEnds ends)
    {
        if (answered.Kind != InFlightKind.Close || answered.Target != TargetKind.Statement)
            return;
        var changed = _counted - (_baseline ?? _counted);
        _baseline = _counted;
        if (!_isPending)
            return;
        var isChange = _pending.Judgement!.Statements[_pending.Done].Analysis is not { } analysis || (analysis.Effects & BudgetMeter.Changing) != 0;
        var tagged = isChange ? ChangedBy(_completion) : 0;
        var rows = Math.Max(changed, tagged);
        _pending.Failure = state.Budgets.Change(_pending.Judgement!, rows, _pending.ApprovedRows, out var exceeded);
        if (_pending.Failure is { } failure && exceeded is { Terms.OnExceed: BudgetExceeded.Review })
            _pending.Failure = BudgetReview.Ask(state, _pending, exceeded, rows, failure);
        Conclude(ends);
    }

    /// <summary>The run of a guarded statement failed on the server, and everything of it was dropped.</summary>
    /// <param name="fields">The error.</param>
    /// <param name="isRecorded">The end of the statement that failed is recorded.</param>
    public void OnError(DiagnosticFields fields, bool isRecorded, AnswerEnds ends)
    {
        if (_isPending)
        {
            // Not even its count could be had: what it did is rolled back.
            ends.Failed(ref _pending, fields);
            Clear();
            isRecorded = true;
        }

        if (_text is not null && !isRecorded)
        {
            var failed = new InFlight { Judgement = _text, FirstStatement = _textFirst, Done = _next - 1, StartedAt = _textStartedAt };
            ends.Failed(ref failed, fields);
        }

        if (_text is null)
        {
            IsBusy = false;
            state.Resume();
            return;
        }

        for (; _next < _text.Statements.Length; _next++)
            state.Recording.Finished(_textFirst + _next, new StatementOutcome { Status = StatementStatus.Cancelled });
        // Until the next Sync the server would not hear the Close.
        Weir.Protocol.Postgres.Frontend.Sync.Write(state.ToUpstream);
        state.InFlight.Add(InFlightKind.Sync).Purpose = InFlightPurpose.GuardedText;
        EndText();
    }

    /// <summary>ReadyForQuery has come.</summary>
    public void OnReady(TransactionStatus status)
    {
        if (status == TransactionStatus.Idle)
            _baseline = null;
        if (state.InFlight.Count > 0 || _text is null)
            return;
        _text = null;
        _received = [];
        IsBusy = false;
        state.Resume();
    }

    private void Conclude(AnswerEnds ends)
    {
        if (_pending.Failure is { } failure)
        {
            ends.Failed(ref _pending, failure);
            Clear();
            Substitute.WriteExecute(state.ToUpstream);
            ref var substitute = ref state.InFlight.Add(InFlightKind.Execute);
            substitute.Refusal = failure;
            substitute.IsGuarded = _text is not null;
            state.HasUnsynced = state.HasUnflushed = true;
            if (_text is not null)
                return;
            // The client's Sync, if it is there, comes right behind; else it sees the error now.
            state.FlushNow();
            IsBusy = false;
            state.Resume();
            return;
        }

        state.ToClient.WriteBytes(_completion);
        ends.Succeeded(ref _pending, TagOf(_completion));
        Clear();
        if (_text is null)
        {
            IsBusy = false;
            state.Resume();
        }
        else if (_next < _text.Statements.Length)
        {
            SendNext();
        }
        else
        {
            EndText();
        }
    }

    private void Clear()
    {
        _isPending = false;
        _pending = default;
        _completion = [];
    }

    /// <summary>After a Query there is no unnamed statement and no unnamed portal; those that were used here go.</summary>
    private void EndText()
    {
        SendCloses([], InFlightPurpose.GuardedText);
        Weir.Protocol.Postgres.Frontend.Sync.Write(state.ToUpstream);
        state.InFlight.Add(InFlightKind.Sync);
        state.SkipsUntilSync = false;
        state.HasUnsynced = state.HasUnflushed = false;
    }

    private void SendNext()
    {
        var judgement = _text!;
        BeforeExecute(judgement);
        Parse.Write(state.ToUpstream, [], Piece(judgement, _next));
        state.InFlight.Add(InFlightKind.Parse).Purpose = InFlightPurpose.GuardedText;
        BindWriter.Begin(state.ToUpstream, [], [], [], 0).End([]);
        state.InFlight.Add(InFlightKind.Bind).Purpose = InFlightPurpose.GuardedText;
        Describe.Write(state.ToUpstream, TargetKind.Portal, []);
        state.InFlight.Add(InFlightKind.Describe).Purpose = InFlightPurpose.GuardedText;
        var left = state.Budgets.ReadLeft(judgement, 0);
        var limit = Limit(left, 0, out var isCut);
        Execute.Write(state.ToUpstream, [], limit);
        ref var entry = ref state.InFlight.Add(InFlightKind.Execute);
        entry.Judgement = judgement;
        entry.FirstStatement = _textFirst;
        entry.Done = _next++;
        entry.StartedAt = _textStartedAt;
        entry.IsGuarded = true;
        entry.ReadLeft = left;
        entry.IsCutByBudget = isCut;
        entry.ApprovedRows = _textApproved;
        if (judgement.IsMover || (judgement.EndsTransaction && state.Surroundings.MovedInTransaction))
        {
            entry.IsMover = true;
            state.Movers++;
        }

        if (judgement.MayCopyIn)
            state.PendingCopies++;
        state.FlushNow();
    }

    /// <summary>The row limit for an Execute: one more than the budget leaves shows that there is more.</summary>
    /// <param name="asked">The client's own limit; 0 and below for none.</param>
    public static int Limit(long? left, int asked, out bool isCut)
    {
        isCut = left is < int.MaxValue && (asked <= 0 || left.Value + 1 <= asked);
        return isCut ? (int)(left!.Value + 1) : asked;
    }

    private ReadOnlySpan<byte> Piece(Judgement judgement, int index)
    {
        if (judgement.Statements[index].Analysis is not { } analysis)
            return _received;
        if (PinnedSettings.Concerns(analysis))
            return PinnedSettings.Statement(state.Pinned);
        if (judgement.Statements.Length == 1)
            return _received;
        var length = analysis.Length > 0 ? analysis.Length : _received.Length - analysis.Start;
        var statement = _received.AsSpan(analysis.Start, length);
        if (analysis.Start == 0 || analysis.Start > MaxPadding)
            return statement;
        var padding = Encoding.UTF8.GetCharCount(_received.AsSpan(0, analysis.Start));
        var piece = new byte[padding + length];
        piece.AsSpan(0, padding).Fill((byte)' ');
        statement.CopyTo(piece.AsSpan(padding));
        return piece;
    }

    private void SendCount()
    {
        Parse.Write(state.ToUpstream, Name, Count);
        state.InFlight.Add(InFlightKind.Parse).Purpose = InFlightPurpose.Measure;
        BindWriter.Begin(state.ToUpstream, Name, Name, [], 0).End([]);
        state.InFlight.Add(InFlightKind.Bind).Purpose = InFlightPurpose.Measure;
        Execute.Write(state.ToUpstream, Name);
        state.InFlight.Add(InFlightKind.Execute).Purpose = InFlightPurpose.Measure;
        SendCloses(Name, InFlightPurpose.Measure);
    }

    private void SendCloses(ReadOnlySpan<byte> name, InFlightPurpose purpose)
    {
        foreach (var target in (ReadOnlySpan<TargetKind>)[TargetKind.Portal, TargetKind.Statement])
        {
            Close.Write(state.ToUpstream, target, name);
            ref var entry = ref state.InFlight.Add(InFlightKind.Close);
            entry.Purpose = purpose;
            entry.Target = target;
        }
    }

    /// <summary>Rows that the command tag says were changed; 0 for others.</summary>
    private static long ChangedBy(ReadOnlySpan<byte> completion)
    {
        var tag = TagOf(completion);
        var isChange = tag.StartsWith("INSERT "u8) || tag.StartsWith("UPDATE "u8) || tag.StartsWith("DELETE "u8) || tag.StartsWith("MERGE "u8) || tag.StartsWith("COPY "u8);
        return isChange ? AnswerEnds.RowsOf(tag, 0) ?? 0 : 0;
    }

    private static ReadOnlySpan<byte> TagOf(ReadOnlySpan<byte> completion) =>
        completion[0] == (byte)BackendMessageType.CommandComplete ? completion[Weir.Protocol.Postgres.Framing.FrameHeader.Size..^1] : [];
}
