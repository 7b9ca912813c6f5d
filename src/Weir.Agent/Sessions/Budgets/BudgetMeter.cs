using System.Globalization;
using Weir.Agent.Sessions.Judging;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Decisions;
using Weir.Policy.Documents;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Sessions.Budgets;

/// <summary>What a session has changed and read so far, held against the budgets of the policy that each statement was judged under.</summary>
internal sealed class BudgetMeter
{
    /// <summary>Effects that may change rows.</summary>
    public const Effects Changing = Effects.Insert | Effects.Update | Effects.Delete | Effects.Merge | Effects.CopyIn | Effects.Truncate | Effects.Call | Effects.Dynamic | Effects.Unknown;

    private readonly ReadCount _transactionRead = new();
    private readonly ReadCount _sessionRead = new();
    private long _transactionChanged;
    private long _sessionChanged;

    /// <summary>Whether rows may come back.</summary>
    public static bool Returns(StatementAnalysis statement) =>
        !statement.ResultColumns.IsDefault || !statement.IsLineageProvable || (statement.Effects & Effects.CopyOut) != 0;

    /// <summary>The error of a text whose changes nobody can count; null when they can be counted.</summary>
    public static Diagnostic? Uncountable(SessionPolicy policy, ScriptAnalysis script)
    {
        if (policy.Budgets.FirstOrDefault(b => b.Terms.RowsChanged is not null) is not { } rule)
            return null;
        if (script.Statements.Any(s => (s.Effects & Effects.Truncate) != 0))
            return Exceeded(rule, "TRUNCATE empties a table without counting its rows", "Delete the rows, in parts that are within the budget.");
        if (script.Statements.Any(s => s.DefersWrites))
            return Exceeded(rule, "a trigger that can be put off to the end of the transaction changes rows after they were counted", "Make the trigger not deferrable, or ask for an exception from the budget.");
        return script.Statements.Any(s => s.Settings.Any(c => c.Name == "track_counts"))
            ? Exceeded(rule, "track_counts decides whether changed rows are counted", "Leave the setting as it is.")
            : null;
    }

    /// <summary>Starts to count a statement against the budgets.</summary>
    public BudgetRun Begin(Judgement judgement, ReadCount origin, long approvedRows, long? shownRows = null)
    {
        var run = new BudgetRun(origin, approvedRows, shownRows);
        SetLimits(judgement, run);
        return run;
    }

    /// <summary>How many rows and bytes the statement may return in all, by the tightest budget.</summary>
    public void SetLimits(Judgement judgement, BudgetRun run)
    {
        if (!judgement.CountsReads)
            return;
        run.RowsLeft = Left(judgement, run, BudgetMeasure.RowsRead, out _);
        run.BytesLeft = Left(judgement, run, BudgetMeasure.BytesRead, out _);
    }

    /// <summary>Adds what was returned.</summary>
    public void Read(long rows, long bytes)
    {
        _transactionRead.Rows += rows;
        _transactionRead.Bytes += bytes;
        _sessionRead.Rows += rows;
        _sessionRead.Bytes += bytes;
    }

    /// <summary>Where one more row does not fit: the budget that it exceeds. One that is not to be reviewed comes first.</summary>
    public BudgetRule TightestRead(Judgement judgement, BudgetRun run, BudgetMeasure measure)
    {
        Left(judgement, run, measure, out var rule);
        return rule!;
    }

    /// <summary>The error of a statement that would have returned more than a budget allows.</summary>
    public static Diagnostic ReadExceeded(BudgetRule rule, BudgetMeasure measure, long sent)
    {
        var isBytes = measure == BudgetMeasure.BytesRead;
        var limit = isBytes ? rule.Terms.BytesRead : rule.Terms.RowsRead;
        return Exceeded(
            rule,
            string.Create(
                CultureInfo.InvariantCulture,
                $"more than {limit} {(isBytes ? "bytes" : "rows")} returned in this {NameOf(rule.Terms.Per)}, {(isBytes ? "where" : "of which")} {sent} {(isBytes ? "rows " : "")}were sent by this statement; the limit is {limit}"),
            isBytes ? "Select fewer rows or columns." : "Narrow the statement down, or add a LIMIT.");
    }

    /// <summary>Budgets that the changes of a statement exceed. Those that can't be waived come first.</summary>
    /// <param name="approved">Rows that people have agreed to for this statement.</param>
    public List<BudgetRule> ExceededBy(Judgement judgement, long rows, long approved)
    {
        var exceeded = new List<BudgetRule>();
        if (rows <= approved)
            return exceeded;
        foreach (var budget in judgement.Policy.Budgets)
        {
            if (budget.Terms.RowsChanged is { } limit && rows + Used(budget.Terms.Per, 0, _transactionChanged, _sessionChanged) > limit)
                exceeded.Add(budget);
        }

        exceeded.Sort(static (a, b) => (a.Terms.OnExceed == BudgetExceeded.Review).CompareTo(b.Terms.OnExceed == BudgetExceeded.Review));
        return exceeded;
    }

    public Diagnostic ChangeExceeded(BudgetRule rule, long rows)
    {
        var total = rows + Used(rule.Terms.Per, 0, _transactionChanged, _sessionChanged);
        return Exceeded(
            rule,
            string.Create(CultureInfo.InvariantCulture, $"{total} rows changed in this {NameOf(rule.Terms.Per)}; the limit is {rule.Terms.RowsChanged}"),
            "Everything was rolled back. Change fewer rows, or ask for a larger budget.");
    }

    /// <summary>The error of changes that the server did not count; null when there is no budget on changes.</summary>
    public static Diagnostic? NotCounted(Judgement judgement, string why) =>
        judgement.Policy.Budgets.FirstOrDefault(b => b.Terms.RowsChanged is not null) is { } rule
            ? Exceeded(rule, why, "Everything was rolled back. Change rows in a way that can be counted, or ask for an exception from the budget.")
            : null;

    /// <summary>The error of a statement that has changed more rows than people were shown; null when it has not.</summary>
    /// <param name="why">In place of the number where nobody can tell it.</param>
    public static Diagnostic? MoreThanShown(in InFlight entry, long rows, string? why = null)
    {
        if (entry.Budget!.ShownRows is not { } shown || (why is null && rows <= shown))
            return null;
        var reasons = entry.Judgement!.Decision.Reasons;
        return Exceeded(
            reasons.IsDefaultOrEmpty ? "review" : reasons[0].Rule,
            why ?? string.Create(CultureInfo.InvariantCulture, $"{rows} rows changed; reviewers were shown {shown}"),
            "Everything was rolled back. Send the statement again to have it reviewed as it is now.");
    }

    /// <summary>Adds what a statement has changed.</summary>
    public void Change(long rows)
    {
        _transactionChanged += rows;
        _sessionChanged += rows;
    }

    public void OnTransactionOver(bool wasUndone)
    {
        if (wasUndone)
            _sessionChanged -= _transactionChanged;
        _transactionChanged = 0;
        (_transactionRead.Rows, _transactionRead.Bytes) = (0, 0);
    }

    private long? Left(Judgement judgement, BudgetRun run, BudgetMeasure measure, out BudgetRule? tightest)
    {
        tightest = null;
        long? left = null;
        foreach (var budget in judgement.Policy.Budgets)
        {
            if ((measure == BudgetMeasure.RowsRead ? budget.Terms.RowsRead : budget.Terms.BytesRead) is not { } limit)
                continue;
            var used = Used(budget.Terms.Per, Of(run.Origin, measure), Of(_transactionRead, measure), Of(_sessionRead, measure));
            // What people have agreed to is the whole of one result, whatever else was read before.
            var rest = Math.Max(Math.Max(0, limit - used), run.ApprovedFor(budget, measure) - Of(run.Origin, measure));
            if (left is { } least && (rest > least || (rest == least && budget.Terms.OnExceed == BudgetExceeded.Review)))
                continue;
            left = rest;
            tightest = budget;
        }

        return left;
    }

    private static long Of(ReadCount count, BudgetMeasure measure) => measure == BudgetMeasure.BytesRead ? count.Bytes : count.Rows;

    private static long Used(BudgetScope scope, long statement, long transaction, long session) => scope switch
    {
        BudgetScope.Statement => statement,
        BudgetScope.Transaction => transaction,
        _ => session,
    };

    private static string NameOf(BudgetScope scope) => scope switch
    {
        BudgetScope.Statement => "statement",
        BudgetScope.Transaction => "transaction",
        _ => "session",
    };

    private static Diagnostic Exceeded(BudgetRule rule, string message, string hint) => Exceeded(rule.Guardrail, message, hint);

    private static Diagnostic Exceeded(string rule, string message, string hint) =>
        Judge.ToDiagnostic(Denial.Of(new DecisionReason(ReasonSource.Budget, rule, Verdict.Deny, message, hint)));
}
