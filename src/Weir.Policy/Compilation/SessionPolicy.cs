using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using Weir.Policy.Detection;
using Weir.Policy.Documents;
using Weir.Policy.Masking;

namespace Weir.Policy.Compilation;

/// <summary>What holds for one principal on one connection with one right. Immutable, shared between sessions, thread-safe.</summary>
public sealed class SessionPolicy
{
    internal SessionPolicy()
    {
    }

    /// <summary>Some rule has a schedule: a decision may be kept until the next full minute (UTC) only.</summary>
    public bool IsTimeDependent => throw new NotImplementedException();

    /// <summary>Tightest limits of all budgets per statement; null when there is none.</summary>
    public BudgetTerms? StatementBudget => throw new NotImplementedException();

    public BudgetTerms? TransactionBudget => throw new NotImplementedException();

    public BudgetTerms? SessionBudget => throw new NotImplementedException();

    /// <summary>Some masking rule applies to this principal and connection.</summary>
    public bool HasMasking => throw new NotImplementedException();

    /// <summary>Content detection; empty when no rule asks for it.</summary>
    public DetectorSet Detectors => throw new NotImplementedException();

    /// <summary>Judges a whole text: the strictest verdict over its statements, with all reasons.</summary>
    /// <param name="text">The text as the client sent it (for statement patterns only).</param>
    public Decision Decide(ScriptAnalysis analysis, string text, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>The mask of a base column, null when it passes.</summary>
    public ColumnMask? MaskFor(QualifiedName relation, string column) => throw new NotImplementedException();

    /// <summary>The relation has, or may have, a masked column.</summary>
    public bool MayBeSensitive(QualifiedName relation) => throw new NotImplementedException();

    /// <summary>How the answer of a statement is masked.</summary>
    public MaskingPlan PlanMasking(StatementAnalysis statement) => throw new NotImplementedException();

    /// <summary>The masker of a mask, ready to run.</summary>
    public Masker MaskerFor(ColumnMask mask) => throw new NotImplementedException();
}
