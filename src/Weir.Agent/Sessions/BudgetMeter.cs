using System.Globalization;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Decisions;
using Weir.Policy.Documents;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Sessions;

/// <summary>What a session has changed and read so far, held against the budgets of the policy that each statement was judged under.</summary>
internal sealed class BudgetMeter
{
    /// <summary>Effects that may change rows.</summary>
    public const Effects Changing = Effects.Insert | Effects.Update | Effects.Delete | Effects.Merge | Effects.CopyIn | Effects.Truncate | Effects.Call | Effects.Dynamic | Effects.Unknown;

    private long _transactionChanged;
    private long _transactionRead;
    private long _sessionChanged;
    private long _sessionRead;

    /// <summary>Whether rows may come back.</summary>
    public static bool Returns(StatementAnalysis statement) =>
        !statement.ResultColumns.IsDefault || !statement.IsLineageProvable || (statement.Effects & Effects.CopyOut) != 0;

    /// <summary>The error of a text whose changes nobody can count; null when they can be counted.</summary>
    public static Diagnostic? Uncountable(SessionPolicy policy, ScriptAnalysis script)
    {
        if (!script.Statements.Any(s => (s.Effects & Effects.Truncate) != 0) || policy.Budgets.FirstOrDefault(b => b.Terms.RowsChanged is not null) is not { } rule)
            return null;
        return Exceeded(rule, "TRUNCATE empties a table without counting its rows", "Delete the rows, in parts that are within the budget.");
    }

    /// <summary>Rows that the tightest budget still lets a statement return; null without one.</summary>
    /// <param name="returned">Rows that the same portal has returned before.</param>
    public long? ReadLeft(Judgement judgement, long returned)
    {
        if (!judgement.CountsReads)
            return null;
        long? left = null;
        foreach (var budget in judgement.Policy.Budgets)
        {
            if (budget.Terms.RowsRead is not { } limit)
                continue;
            var rest = Math.Max(0, limit - Used(budget.Terms.Per, returned, _transactionRead, _sessionRead));
            if (left is null || rest < left)
                left = rest;
        }

        return left;
    }

    /// <summary>Adds returned rows.</summary>
    public void Read(long rows)
    {
        _transactionRead += rows;
        _sessionRead += rows;
    }

    /// <summary>The error of a statement that would have returned more rows than <see cref="ReadLeft"/>.</summary>
    public Diagnostic ReadExceeded(Judgement judgement, long returned, long sent)
    {
        var rule = judgement.Policy.Budgets.Where(b => b.Terms.RowsRead is not null)
            .MinBy(b => b.Terms.RowsRead!.Value - Used(b.Terms.Per, returned, _transactionRead, _sessionRead))!;
        return Exceeded(
            rule,
            string.Create(CultureInfo.InvariantCulture, $"more than {rule.Terms.RowsRead} rows returned in this {NameOf(rule.Terms.Per)}, of which {sent} were sent by this statement; the limit is {rule.Terms.RowsRead}"),
            "Narrow the statement down, or add a LIMIT.");
    }

    /// <summary>Adds what a statement has changed, if the budgets allow it.</summary>
    /// <param name="approved">Rows that people have agreed to for this statement.</param>
    /// <param name="exceeded">The budget that does not allow it.</param>
    /// <returns>The error when they don't: nothing is added, since it is undone.</returns>
    public Diagnostic? Change(Judgement judgement, long rows, long approved, out BudgetRule? exceeded)
    {
        exceeded = null;
        if (rows > approved)
        {
            foreach (var budget in judgement.Policy.Budgets)
            {
                if (budget.Terms.RowsChanged is not { } limit)
                    continue;
                var total = rows + Used(budget.Terms.Per, 0, _transactionChanged, _sessionChanged);
                if (total <= limit)
                    continue;
                exceeded = budget;
                return Exceeded(
                    budget,
                    string.Create(CultureInfo.InvariantCulture, $"{total} rows changed in this {NameOf(budget.Terms.Per)}; the limit is {limit}"),
                    "Everything was rolled back. Change fewer rows, or ask for a larger budget.");
            }
        }

        _transactionChanged += rows;
        _sessionChanged += rows;
        return null;
    }

    /// <summary>Adds what people have agreed to.</summary>
    public void AddApproved(long rows)
    {
        _transactionChanged += rows;
        _sessionChanged += rows;
    }

    public void OnTransactionOver(bool wasUndone)
    {
        if (wasUndone)
            _sessionChanged -= _transactionChanged;
        _transactionChanged = 0;
        _transactionRead = 0;
    }

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

    private static Diagnostic Exceeded(BudgetRule rule, string message, string hint) =>
        Judge.ToDiagnostic(Denial.Of(new DecisionReason(ReasonSource.Budget, rule.Guardrail, Verdict.Deny, message, hint)));
}
