using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using Weir.Agent.Recording;
using Weir.Agent.Reviews;
using Weir.Agent.Sessions.Budgets;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions.Holds;

/// <summary>
/// What a statement really changes: it is carried out in the client's own session, with all that holds there (rows that are not committed, temporary tables, role, settings, the client's own
/// prepared statement and parameters), the rows that it touched are counted, those of triggers and cascades too, some are looked at as they were and as they became, and everything is undone at once.
/// <code>
/// in a transaction:          SAVEPOINT → limits, count → statement → count, sample → ROLLBACK TO, RELEASE
/// otherwise:          BEGIN, SAVEPOINT → …                                         → ROLLBACK
/// </code>
/// Only in the extended protocol and under names of its own, so that the client's unnamed statement and its portals stay. Each run ends with a Sync, behind which the server listens again after an
/// error. The client sees nothing of it. Where it can't be undone the session ends, and its transaction with it.
/// </summary>
internal sealed class SessionDryRun(RelayState state)
{
    /// <summary>A cancel of the client may hit what undoes the statement: that is said again.</summary>
    private const int MaxUndos = 20;

    private readonly Dictionary<string, long> _before = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _after = new(StringComparer.Ordinal);
    private readonly Queue<Action<DataRow>?> _readers = new();
    private IEnumerator<bool>? _script;
    private Action<DryRunEffect, RawSample?>? _onDone;
    private TransactionStatus _status;
    private RawRows? _collected;
    private string? _error;
    private string? _failure;

    public bool IsRunning => _script is not null;

    /// <summary>The statement itself runs.</summary>
    public bool IsExecuting { get; private set; }

    /// <summary>The client wants no more of it: what was begun is undone.</summary>
    public bool IsCancelled { get; private set; }

    private bool GoesOn => _failure is null && !IsCancelled;

    /// <summary>Nothing else may be in flight.</summary>
    /// <param name="onDone">Called within the session's own work.</param>
    public void Start(DryRunOrder order, Action<DryRunEffect, RawSample?> onDone)
    {
        _onDone = onDone;
        _before.Clear();
        _after.Clear();
        _failure = null;
        IsCancelled = false;
        _script = Script(order);
        Continue();
    }

    public void Cancel() => IsCancelled = true;

    public void OnStep(InFlightKind kind)
    {
        if (kind == InFlightKind.Execute)
            _readers.TryDequeue(out _);
    }

    public void OnRow(ReadOnlySpan<byte> body)
    {
        if (_collected is { } collected)
            collected.Rows.Add(body.ToArray());
        else if (_readers.TryPeek(out var reader))
            reader?.Invoke(DataRow.Read(body));
    }

    public void OnDescription(ReadOnlySpan<byte> body)
    {
        if (_collected is { } collected)
            collected.Description = body.ToArray();
    }

    /// <summary>The server ignores the rest of the run. What it says may hold values.</summary>
    /// <returns>False: it is not for the client.</returns>
    public bool OnError(DiagnosticFields fields)
    {
        _error ??= $"it failed with SQLSTATE {Encoding.ASCII.GetString(fields.SqlState)}";
        while (state.InFlight.Head.Kind != InFlightKind.Sync)
            state.RemoveHead();
        return false;
    }

    /// <summary>The Sync in front was answered. To the client its own run goes on, if there is one.</summary>
    /// <inheritdoc cref="OnError" path="/returns"/>
    public bool OnReady(TransactionStatus status)
    {
        state.RemoveHead();
        _status = status;
        _readers.Clear();
        _collected = null;
        Continue();
        return false;
    }

    private void Continue()
    {
        if (_script!.MoveNext())
            return;
        _script = null;
        state.Resume();
    }

    /// <summary>Each step is a run that was sent; it goes on when the run was answered.</summary>
    private IEnumerator<bool> Script(DryRunOrder order)
    {
        RawRows before = new(), after = new();
        var hasCursor = false;
        if (!order.IsInside)
            Say(DryRunSql.Begin);
        Say(DryRunSql.Savepoint);
        Say(DryRunSql.Limits, row => OnLimits(row, order.IsInside));
        Say(DryRunSql.Counts, row => Count(_before, row));
        yield return Send();
        _failure ??= _error;
        if (GoesOn && order.SampleOf is { } table)
        {
            Say(DryRunSql.SampleSavepoint);
            Say(DryRunSql.DeclareBefore(table));
            yield return Send();
            hasCursor = _error is null;
            if (!hasCursor)
            {
                // Without a sample the count is still worth something.
                Say(DryRunSql.RollbackToSample);
                yield return Send();
                _failure ??= _error;
            }
        }

        if (GoesOn)
        {
            IsExecuting = true;
            SayStatement(order);
            yield return Send();
            IsExecuting = false;
            _failure ??= _error;
        }

        if (GoesOn)
        {
            Say(DryRunSql.Counts, row => Count(_after, row));
            yield return Send();
            _failure ??= _error;
        }

        var changed = Changed();
        var hasSample = GoesOn && hasCursor && changed.Count > 0;
        if (hasSample)
        {
            Say(DryRunSql.SampleLimit);
            yield return Send();
            Collect(DryRunSql.FetchBefore, before);
            yield return Send();
            hasSample = _error is null;
        }

        if (hasSample)
        {
            Collect(DryRunSql.SelectAfter(order.SampleOf!), after);
            yield return Send();
            hasSample = _error is null;
        }

        var expected = order.IsInside ? TransactionStatus.InTransaction : TransactionStatus.Idle;
        var tries = 0;
        do
        {
            Say(order.IsInside ? DryRunSql.RollbackToSavepoint : DryRunSql.Rollback);
            yield return Send();
            if (!order.IsInside || _error is not null)
                continue;
            Say(DryRunSql.ReleaseSavepoint);
            yield return Send();
        }
        while (_error is not null && ++tries < MaxUndos);
        if (_error is not null || _status != expected)
        {
            state.Session.End(SessionEndReason.Failed, Diagnostic.Fatal(SqlStates.InFailedSqlTransaction, "weir: what was only tried could not be undone"), "dry run");
            yield break;
        }

        // What was undone stays in the server's count of the transaction.
        state.Guard.ForgetCount();
        _onDone!(
            _failure is { } failure ? DryRunEffect.NotRun(failure) : new DryRunEffect(changed, null),
            hasSample ? new RawSample(before, after) : null);
    }

    private ImmutableSortedDictionary<string, long> Changed() =>
        _after.Select(a => (Relation: a.Key, Rows: a.Value - _before.GetValueOrDefault(a.Key))).Where(a => a.Rows > 0)
            .ToImmutableSortedDictionary(a => a.Relation, a => a.Rows, StringComparer.Ordinal);

    private void OnLimits(DataRow row, bool isInside)
    {
        var column = 0;
        foreach (var field in row.Fields)
        {
            if (column == 0 && !field.Value.SequenceEqual("on"u8))
                _failure ??= BudgetCount.Uncounted;
            else if (column == 1 && isInside && field.Value.SequenceEqual("serializable"u8))
                _failure ??= "the transaction is serializable, and it or others could fail for what is only tried";
            column++;
        }
    }

    private void Count(Dictionary<string, long> counts, DataRow row)
    {
        string? name = null;
        foreach (var field in row.Fields)
        {
            if (name is null)
                name = Encoding.UTF8.GetString(state.IsUtf8 ? field.Value : ClientEncoding.ToUtf8(state.ClientEncodingName, field.Value));
            else if (Utf8Parser.TryParse(field.Value, out long rows, out _))
                counts[name] = rows;
        }
    }

    private void Say(byte[] text, Action<DataRow>? onRow = null)
    {
        PrepareAndBind(text);
        Carry(onRow, 0);
    }

    /// <summary>Keeps the rows as they come. One such in a run.</summary>
    private void Collect(byte[] text, RawRows rows)
    {
        PrepareAndBind(text);
        Describe.Write(state.ToUpstream, TargetKind.Portal, DryRunSql.Name);
        Add(InFlightKind.Describe);
        Carry(null, 0);
        _collected = rows;
    }

    private void SayStatement(DryRunOrder order)
    {
        if (order.IsBind)
        {
            var bind = Bind.Read(order.Sent);
            bind.Rewrite(state.ToUpstream, DryRunSql.Name, bind.Statement);
            Add(InFlightKind.Bind);
        }
        else
        {
            PrepareAndBind(order.Sent);
        }

        // What changes rows is carried out to its end before the first row comes back.
        Carry(null, 1);
    }

    private void PrepareAndBind(byte[] text)
    {
        // Left behind by a run that failed.
        Leave();
        Parse.Write(state.ToUpstream, DryRunSql.Name, text);
        Add(InFlightKind.Parse);
        BindWriter.Begin(state.ToUpstream, DryRunSql.Name, DryRunSql.Name, [], 0).End([]);
        Add(InFlightKind.Bind);
    }

    private void Carry(Action<DataRow>? onRow, int maxRows)
    {
        Execute.Write(state.ToUpstream, DryRunSql.Name, maxRows);
        Add(InFlightKind.Execute);
        _readers.Enqueue(onRow);
        Leave();
    }

    private void Leave() => BudgetCount.SendCloses(state, DryRunSql.Name, InFlightPurpose.DryRun);

    private bool Send()
    {
        _error = null;
        Sync.Write(state.ToUpstream);
        Add(InFlightKind.Sync);
        state.HasUnflushed = false;
        return true;
    }

    private void Add(InFlightKind kind) => state.InFlight.Add(kind).Purpose = InFlightPurpose.DryRun;
}
