using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using Weir.Policy.Detection;
using Weir.Policy.Documents;
using Weir.Policy.Masking;

namespace Weir.Policy.Compilation;

/// <summary>What holds for one principal on one connection with one right. Immutable, shared between sessions, thread-safe.</summary>
public sealed class SessionPolicy
{
    private readonly RuleIndex _index;
    private readonly AccessCheck _access;
    private readonly MaskingRules _masking;
    private readonly MaskedUseCheck _masked;
    private readonly MaskerFactory _maskers;
    private readonly byte[] _levelDigest;

    internal SessionPolicy(
        AccessRight right,
        string connection,
        ImmutableArray<CompiledRule> rules,
        ImmutableArray<BudgetRule> budgets,
        MaskingRules masking,
        DetectorSet detectors,
        MaskerFactory maskers)
    {
        _index = new RuleIndex(rules);
        _access = new AccessCheck(right.Level, connection);
        _masking = masking;
        _masked = new MaskedUseCheck(masking);
        _maskers = maskers;
        _levelDigest = SHA256.HashData(Encoding.UTF8.GetBytes(AccessLevels.NameOf(right.Level)));
        IsTimeDependent = rules.Any(r => r.When.IsTimeDependent);
        DependsOnText = rules.Any(r => r.When.DependsOnText);
        Budgets = budgets;
        StatementBudget = Tightest(BudgetScope.Statement);
        TransactionBudget = Tightest(BudgetScope.Transaction);
        SessionBudget = Tightest(BudgetScope.Session);
        Detectors = detectors;
    }

    /// <summary>Some rule has a schedule: a decision may be kept until the next full minute (UTC) only.</summary>
    public bool IsTimeDependent { get; }

    /// <summary>Some rule looks at the text itself: a decision holds for this very text only.</summary>
    public bool DependsOnText { get; }

    /// <summary>Every budget that applies, with the guardrail that sets it and who may approve more.</summary>
    public ImmutableArray<BudgetRule> Budgets { get; }

    /// <summary>Tightest limits of all budgets per statement; null when there is none.</summary>
    public BudgetTerms? StatementBudget { get; }

    public BudgetTerms? TransactionBudget { get; }

    public BudgetTerms? SessionBudget { get; }

    /// <summary>Some masking rule applies to this principal and connection.</summary>
    public bool HasMasking => !_masking.IsEmpty || !Detectors.IsEmpty;

    /// <summary>Some masking rule that applies names columns.</summary>
    public bool NamesColumns => !_masking.IsEmpty;

    /// <summary>Content detection; empty when no rule asks for it.</summary>
    public DetectorSet Detectors { get; }

    /// <summary>The mask of values of which nothing is known; null when no rule names columns.</summary>
    internal ColumnMask? FallbackMask => _masking.Fallback;

    /// <summary>Judges a whole text: the strictest verdict over its statements, with all reasons.</summary>
    /// <param name="text">The text as the client sent it (for statement patterns only).</param>
    public Decision Decide(ScriptAnalysis analysis, string text, DateTimeOffset now)
        => new Decider(_index, _access, _masked, _levelDigest, now).Decide(analysis, text);

    /// <summary>The mask of a base column, null when it passes.</summary>
    /// <param name="column">A name; <c>*</c> for the strictest over all columns of the relation that a rule may mean.</param>
    public ColumnMask? MaskFor(QualifiedName relation, string column) => _masking.MaskFor(relation, column);

    /// <summary>The relation has, or may have, a masked column.</summary>
    public bool MayBeSensitive(QualifiedName relation) => _masking.MaskFor(relation, "*") is not null;

    /// <summary>How the answer of a statement is masked.</summary>
    public MaskingPlan PlanMasking(StatementAnalysis statement)
        => _masking.IsEmpty ? MaskingPlan.None : MaskingPlanner.Plan(this, _masked, statement);

    /// <summary>The masker of a mask, ready to run.</summary>
    public Masker MaskerFor(ColumnMask mask) => _maskers.Of(mask.Spec);

    /// <summary>
    /// The value is recognisably what this policy's mask makes of the column: a client sends back what it was shown, and would destroy the real value.
    /// Masks that look real (format, round, truncate) can't be told.
    /// </summary>
    /// <param name="value">A literal's or parameter's text form, UTF-8.</param>
    public bool IsMaskedValue(QualifiedName relation, string column, ReadOnlySpan<byte> value)
        => _masking.MaskFor(relation, column) is { } mask && MaskerFor(mask).RecognizesIn(value);

    /// <summary>The statement asks whether a masked value equals one that the client chose, which <c>use: equality-only</c> allows in bounded number.</summary>
    public bool IsGuess(StatementAnalysis statement)
    {
        if (_masking.IsEmpty)
            return false;
        foreach (var column in statement.Columns)
        {
            bool isCompared = (column.Use & ColumnUse.EqualityPredicate) != 0 && column.ComparedWith.IsDefaultOrEmpty;
            if (!isCompared && (column.Use & ColumnUse.Probed) == 0)
                continue;
            foreach (var relation in column.Relations)
            {
                if (_masking.MaskFor(relation, column.Column) is { Use: MaskedUse.EqualityOnly })
                    return true;
            }
        }

        return false;
    }

    private BudgetTerms? Tightest(BudgetScope scope)
    {
        BudgetTerms? tightest = null;
        foreach (var budget in Budgets)
        {
            var terms = budget.Terms;
            if (terms.Per != scope)
                continue;
            tightest = tightest is null
                ? terms
                : new BudgetTerms(
                    Smaller(tightest.RowsChanged, terms.RowsChanged),
                    Smaller(tightest.RowsRead, terms.RowsRead),
                    Smaller(tightest.BytesRead, terms.BytesRead),
                    scope,
                    tightest.OnExceed == BudgetExceeded.Rollback ? BudgetExceeded.Rollback : terms.OnExceed);
        }

        return tightest;
    }

    private static long? Smaller(long? a, long? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);
}
