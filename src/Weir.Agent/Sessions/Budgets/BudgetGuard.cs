using System.Text;
using Weir.Agent.Recording;
using Weir.Agent.Sessions.Answers;
using Weir.Agent.Sessions.Holds;
using Weir.Agent.Sessions.Judging;
using Weir.Agent.Sessions.Statements;
using Weir.Policy.Analysis;
using Weir.Policy.Documents;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions.Budgets;

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

    private readonly BudgetCount _count = new(state);
    private readonly KeptApprovals _kept = new(state);
    private Judgement? _text;
    private byte[] _received = [];
    private long _textFirst;
    private long _textApproved;
    private long? _textShown;
    private long _textStartedAt;
    private int _next;
    private InFlight _pending;
    private byte[] _completion = [];
    private bool _isPending;

    /// <summary>A guarded statement runs: what the client sends waits, but for the data of a COPY.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Begins with a text of the simple protocol. The statements are recorded already.</summary>
    /// <param name="received">The text as the client sent it; of several statements only one that is UTF-8.</param>
    /// <param name="approvedRows">Changed rows up to which people have waived budgets.</param>
    /// <param name="shownRows">Changed rows that people were shown; null when they were shown none.</param>
    public void StartText(Judgement judgement, ReadOnlySpan<byte> received, long first, long approvedRows, long? shownRows)
    {
        state.HasUnsyncedWork = false;
        IsBusy = true;
        _text = judgement;
        _received = received.SequenceEqual(judgement.Text) ? judgement.Text : received.ToArray();
        _textFirst = first;
        _textApproved = approvedRows;
        _textShown = shownRows;
        _textStartedAt = state.Session.Services.Time.GetTimestamp();
        _next = 0;
        // A Query does away with the client's unnamed statement and portal; here they are in use.
        state.Names.SetPrepared([], null);
        state.Names.SetPortal([], null);
        SendNext();
        state.Park();
    }

    /// <summary>Called before a client's own Execute is forwarded.</summary>
    /// <inheritdoc cref="StartText"/>
    public BudgetRun BeforeExecute(Judgement judgement, Portal portal, long approvedRows, long? shownRows)
    {
        CountBefore(judgement, shownRows);
        return state.Budgets.Begin(judgement, OriginOf(judgement, 0, portal), approvedRows, shownRows);
    }

    /// <summary>People have agreed to what the statement did.</summary>
    public void Approved(in InFlight entry, Reviews.ReviewTicket ticket)
    {
        if (_text is { Statements.Length: > 1 })
            _kept.Add(entry.FirstStatement + entry.Done, ticket);
        else
            BudgetReview.Use(state, entry.FirstStatement + entry.Done, ticket, forwarded: true);
    }

    /// <summary>The session ends, and undoes what is not committed.</summary>
    public void OnEnd() => _kept.GiveBack();

    /// <summary>The server's count has moved for something else than statements that count.</summary>
    public void ForgetCount() => _count.Forget();

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
    }

    /// <summary>Goes on when the completed statement was taken off the queue.</summary>
    public void Continue(AnswerEnds ends)
    {
        if (TryGoOn())
            return;
        if (_pending.Budget is { IsSplit: true } && TagOf(_completion).StartsWith("SELECT "u8))
            _completion = CompletionOf(_pending.Rows);
        Settle(ref _pending);
        if (_pending.Failure is null && _pending.Judgement!.CountsChanges)
        {
            _count.Send();
            state.FlushNow();
            return;
        }

        _pending.Failure = BudgetCheck.OfferRead(state, _pending);
        Conclude(ends);
    }

    /// <summary>Adds what a statement has returned, however it ended, to what the session has read.</summary>
    public void Settle(ref InFlight entry)
    {
        if (entry.Budget is not { CountsReads: true } budget)
            return;
        budget.Origin.Rows += entry.Rows;
        budget.Origin.Bytes += budget.Bytes;
        state.Budgets.Read(entry.Rows, budget.Bytes);
    }

    /// <summary>The server's count.</summary>
    public void OnRow(ReadOnlySpan<byte> body) => _count.OnRow(body);

    /// <summary>An injected message of a count was answered.</summary>
    public void OnStep(InFlight answered, AnswerEnds ends)
    {
        if (answered.Kind != InFlightKind.Close || answered.Target != TargetKind.Statement)
            return;
        var tables = _count.Finish();
        var hasNewFiles = _count.HasBaseline && _count.HasNewFiles;
        _count.Rebase();
        if (!_isPending)
            return;
        var judgement = _pending.Judgement!;
        var effects = judgement.Statements[_pending.Done].Analysis?.Effects ?? Effects.Unknown;
        if (_count.IsBlind)
            _pending.Failure = BudgetMeter.NotCounted(judgement, BudgetCount.Uncounted) ?? BudgetMeter.MoreThanShown(_pending, 0, BudgetCount.Uncounted);
        else if (hasNewFiles && (effects & (Effects.Call | Effects.Dynamic | Effects.Unknown)) != 0)
            _pending.Failure = BudgetMeter.NotCounted(judgement, "a table was emptied or written anew as a whole, whose rows nobody counts");
        else
            _pending.Failure = BudgetCheck.Changes(state, _pending, tables, (effects & BudgetMeter.Changing) != 0 ? ChangedBy(_completion) : 0);
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
        _kept.GiveBack();
        // Until the next Sync the server would not hear the Close.
        Weir.Protocol.Postgres.Frontend.Sync.Write(state.ToUpstream);
        state.InFlight.Add(InFlightKind.Sync).Purpose = InFlightPurpose.GuardedText;
        EndText();
    }

    /// <summary>ReadyForQuery has come.</summary>
    public void OnReady(TransactionStatus status)
    {
        if (status == TransactionStatus.Idle)
            _count.Forget();
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
            _kept.GiveBack();
            var budget = _pending.Budget;
            Clear();
            Substitute.WriteExecute(state.ToUpstream);
            ref var substitute = ref state.InFlight.Add(InFlightKind.Execute);
            substitute.Refusal = failure;
            substitute.Budget = _text is not null ? budget : null;
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
        var statement = _pending.Judgement!.Statements[_pending.Done].Analysis;
        ends.Succeeded(ref _pending, TagOf(_completion));
        _kept.After(statement);
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
        _kept.Use();
        BudgetCount.SendCloses(state, [], InFlightPurpose.GuardedText);
        Weir.Protocol.Postgres.Frontend.Sync.Write(state.ToUpstream);
        state.InFlight.Add(InFlightKind.Sync);
        state.SkipsUntilSync = false;
        state.HasUnsynced = state.HasUnflushed = false;
    }

    private void SendNext()
    {
        var judgement = _text!;
        CountBefore(judgement, _textShown);
        Parse.Write(state.ToUpstream, [], Piece(judgement, _next));
        state.InFlight.Add(InFlightKind.Parse).Purpose = InFlightPurpose.GuardedText;
        BindWriter.Begin(state.ToUpstream, [], [], [], 0).End([]);
        state.InFlight.Add(InFlightKind.Bind).Purpose = InFlightPurpose.GuardedText;
        Describe.Write(state.ToUpstream, TargetKind.Portal, []);
        state.InFlight.Add(InFlightKind.Describe).Purpose = InFlightPurpose.GuardedText;
        var budget = state.Budgets.Begin(judgement, OriginOf(judgement, _next, null), _textApproved, _textShown);
        Execute.Write(state.ToUpstream, [], Limit(budget, 0, []));
        ref var entry = ref state.InFlight.Add(InFlightKind.Execute);
        entry.Judgement = judgement;
        entry.FirstStatement = _textFirst;
        entry.Done = _next++;
        entry.StartedAt = _textStartedAt;
        entry.Budget = budget;
        if (judgement.IsMover || (judgement.EndsTransaction && state.Surroundings.MovedInTransaction))
        {
            entry.IsMover = true;
            state.Movers++;
        }

        state.CountCopy(judgement);
        state.FlushNow();
    }

    /// <summary>The row limit for an Execute: one more than the budget leaves shows that there is more.</summary>
    /// <param name="asked">The client's own limit; 0 and below for none.</param>
    public static int Limit(BudgetRun? budget, int asked, ReadOnlySpan<byte> portal)
    {
        if (budget?.RowsLeft is not { } left || left >= int.MaxValue || (asked > 0 && left + 1 > asked))
            return asked;
        budget.Cut = (portal.ToArray(), Math.Max(0, asked));
        return (int)left + 1;
    }

    /// <summary>Pieces that are fetched of one cursor or portal are one result, however they are fetched.</summary>
    private ReadCount OriginOf(Judgement judgement, int index, Portal? portal)
    {
        if (judgement.Statements[index].Analysis is { Command: "FETCH", CursorName: { } cursor })
            return state.Names.FetchedOf(cursor);
        return portal is null ? new ReadCount() : portal.Returned ??= new ReadCount();
    }

    /// <summary>
    /// The Execute was given a lower row limit than the client's. Where people have agreed to more the rest is asked for; where they may be asked, the rest
    /// is run through without sending it, because they want to know how much it is.
    /// </summary>
    private bool TryGoOn()
    {
        if (_pending.Budget is not { Cut: { } cut } budget || _completion[0] != (byte)BackendMessageType.PortalSuspended)
            return false;
        var isOver = _pending.Failure is not null;
        if (isOver ? budget.Exceeded is not { Rule.Terms.OnExceed: BudgetExceeded.Review } : cut.Asked > 0 && _pending.Rows >= cut.Asked)
            return false;
        budget.Cut = null;
        budget.IsSplit = true;
        Execute.Write(state.ToUpstream, cut.Portal, isOver || cut.Asked == 0 ? 0 : cut.Asked - (int)_pending.Rows);
        ref var entry = ref state.InFlight.Add(InFlightKind.Execute);
        entry = _pending;
        if (entry.Portal is { } portal)
            portal.References++;
        if (entry.IsMover)
            state.Movers++;
        state.CountCopy(entry.Judgement!);
        Clear();
        state.FlushNow();
        return true;
    }

    private void CountBefore(Judgement judgement, long? shownRows)
    {
        // Without a budget the statements in between were not counted.
        if (shownRows is not null && !judgement.Policy.Budgets.Any(b => b.Terms.RowsChanged is not null))
            _count.Forget();
        // A failed transaction changes nothing, and lets nobody ask.
        if (judgement.CountsChanges && !_count.HasBaseline && !state.IsInFailedBlock)
            _count.Send();
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

    /// <summary>Rows that the command tag says were changed; 0 for others.</summary>
    private static long ChangedBy(ReadOnlySpan<byte> completion)
    {
        var tag = TagOf(completion);
        var isChange = tag.StartsWith("INSERT "u8) || tag.StartsWith("UPDATE "u8) || tag.StartsWith("DELETE "u8) || tag.StartsWith("MERGE "u8) || tag.StartsWith("COPY "u8);
        return isChange ? AnswerEnds.RowsOf(tag, 0) ?? 0 : 0;
    }

    /// <summary>The server's own tells of the rows of the last Execute only.</summary>
    private static byte[] CompletionOf(long rows)
    {
        var writer = new Weir.Protocol.Postgres.Framing.MessageWriter(32);
        CommandComplete.Write(writer, Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"SELECT {rows}")));
        return writer.Written.ToArray();
    }

    private static ReadOnlySpan<byte> TagOf(ReadOnlySpan<byte> completion) =>
        completion[0] == (byte)BackendMessageType.CommandComplete ? completion[Weir.Protocol.Postgres.Framing.FrameHeader.Size..^1] : [];
}
