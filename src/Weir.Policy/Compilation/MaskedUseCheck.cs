using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using Weir.Policy.Documents;
using Weir.Policy.Masking;

namespace Weir.Policy.Compilation;

/// <summary>
/// Objects to statements that would use a masked column's value for something else than showing it masked: to decide which rows come back or
/// in which order, to copy it where no mask is, or to hand it to code. Also to answers whose lineage can't be known, where a rule says so.
/// </summary>
internal sealed class MaskedUseCheck(MaskingRules rules)
{
    private const ColumnUse Harmless = ColumnUse.Output | ColumnUse.Written;

    private const ColumnUse Equality = ColumnUse.EqualityPredicate | ColumnUse.JoinKey | ColumnUse.Probed;

    public void Check(StatementAnalysis statement, List<DecisionReason> reasons)
    {
        if (rules.IsEmpty)
            return;
        foreach (var column in statement.Columns)
        {
            if ((column.Use & ~Harmless) != 0)
                CheckColumn(statement, column, reasons);
        }

        CheckUnprovable(statement, reasons);
        if (statement.CopiesUnproven && MayHoldMasked(statement))
        {
            reasons.Add(Reason(
                Concerned(statement) ?? rules.Fallback!,
                Verdict.Deny,
                "it can't be known whether masked values are copied to where no mask protects them",
                "Copy from tables and views whose columns are known; after a change of definitions end the transaction first."));
        }
    }

    /// <summary>Nothing proves that no masked column's value flows into this answer.</summary>
    public bool MayHoldMasked(StatementAnalysis statement)
    {
        const Effects opaque = Effects.Dynamic | Effects.Call | Effects.Unknown | Effects.Program;
        if (statement.ReadsOpaqueSource || statement.ReadsOpaqueColumn || (statement.Effects & opaque) != 0 || statement.Functions.Length > 0 || statement.Relations.IsEmpty)
            return true;
        foreach (var relation in statement.Relations)
        {
            // A relation that the catalog at hand does not hold may be a view of anything.
            if (relation.IsAmbiguous || relation.Oid == 0 || rules.MaskFor(relation.Candidates[0], "*") is not null)
                return true;
        }

        return false;
    }

    private void CheckColumn(StatementAnalysis statement, ColumnReference column, List<DecisionReason> reasons)
    {
        foreach (var relation in column.Relations)
        {
            if (rules.MaskFor(relation, column.Column) is not { } mask)
                continue;
            string name = $"{relation.Name}.{column.Column}";
            if ((column.Use & ColumnUse.CopiedTo) != 0)
            {
                reasons.Add(Reason(
                    mask,
                    Verdict.Deny,
                    $"{name} is masked and may not be copied to where no mask protects it",
                    "Leave the column out of what is stored."));
                return;
            }

            var use = column.Use & ~Harmless;
            if (mask.Use == MaskedUse.Allow || IsPlainComparison(statement, column, use, mask))
                continue;
            if (use == ColumnUse.Probed && mask.Use == MaskedUse.EqualityOnly)
                continue;
            bool isOpen = mask.Use == MaskedUse.EqualityOnly && (use & ~Equality) == 0;
            if (isOpen && ComparesAlike(column, use, mask))
                continue;
            reasons.Add(Reason(
                mask,
                mask.Use == MaskedUse.Review ? Verdict.Review : Verdict.Deny,
                use == ColumnUse.Probed
                    ? $"{name} is masked, and writing a value would tell whether it exists (unique index or foreign key)"
                    : use == ColumnUse.Computed
                        ? $"{name} is masked and may not go into a function, operator or cast that fails, gives NULL or takes longer by its value"
                        : $"{name} is masked and may not decide which rows come back, or their order ({Describe(use)})",
                use == ColumnUse.Computed ? "Select the column as it is, or as text."
                    : mask.Use == MaskedUse.EqualityOnly
                    ? "Compare it by = with one value, or with a column of the same class; or select rows by other columns."
                    : "Select and order rows by other columns."));
            return;
        }
    }

    // EXPLAIN without ANALYZE runs nothing; a comparison of two columns of one class shows in its plan no more than their statistics' shape.
    private bool IsPlainComparison(StatementAnalysis statement, ColumnReference column, ColumnUse use, ColumnMask mask)
        => statement.Command == "EXPLAIN" && statement.Inner is null && (use & ~Equality) == 0
            && !column.ComparedWith.IsDefaultOrEmpty && ComparesAlike(column, use, mask);

    /// <summary>Every other side is one constant or parameter, or a column that the same rule masks in the same way.</summary>
    private bool ComparesAlike(ColumnReference column, ColumnUse use, ColumnMask mask)
    {
        if (column.ComparedWith.IsDefaultOrEmpty)
            return (use & ColumnUse.JoinKey) == 0;
        foreach (var (relation, other) in column.ComparedWith)
        {
            if (other == "*" || rules.MaskFor(relation, other) is not { } otherMask || otherMask.Rule != mask.Rule)
                return false;
        }

        return true;
    }

    private void CheckUnprovable(StatementAnalysis statement, List<DecisionReason> reasons)
    {
        bool isProvable = statement.IsLineageProvable && !statement.ReadsOpaqueSource
            && (statement.ResultColumns.IsDefault || statement.ResultColumns.All(c => c.IsProvable));
        if (isProvable || !MayHoldMasked(statement))
            return;
        var mask = Concerned(statement) ?? rules.Fallback!;
        if (mask.Unprovable == UnprovableAction.Mask)
            return;
        reasons.Add(Reason(
            mask,
            mask.Unprovable == UnprovableAction.Deny ? Verdict.Deny : Verdict.Review,
            "it can't be known whether masked values are in the answer",
            "Name the columns you need, without functions or constructs that hide where values come from."));
    }

    // The masks of the relations that the statement names, where it names only those that it can read from; else all masks.
    private ColumnMask? Concerned(StatementAnalysis statement)
    {
        if (statement.ReadsOpaqueSource || statement.Functions.Length > 0)
            return null;
        var masks = new List<ColumnMask>();
        foreach (var relation in statement.Relations)
        {
            foreach (var candidate in relation.Candidates)
            {
                if (rules.MaskFor(candidate, "*") is { } mask)
                    masks.Add(mask);
            }
        }

        return masks.Count == 0 ? null : MaskingRules.Combine(masks);
    }

    private static string Describe(ColumnUse use)
    {
        var words = new List<string>();
        if ((use & (ColumnUse.Predicate | ColumnUse.EqualityPredicate)) != 0)
            words.Add("condition");
        if ((use & ColumnUse.JoinKey) != 0)
            words.Add("join");
        if ((use & ColumnUse.OrderBy) != 0)
            words.Add("ORDER BY");
        if ((use & ColumnUse.GroupBy) != 0)
            words.Add("GROUP BY");
        if ((use & ColumnUse.Distinct) != 0)
            words.Add("DISTINCT or set operation");
        if ((use & ColumnUse.Aggregate) != 0)
            words.Add("aggregate");
        if ((use & (ColumnUse.FunctionInput | ColumnUse.Computed)) != 0)
            words.Add("function");
        if ((use & ColumnUse.Probed) != 0)
            words.Add("unique index or foreign key");
        return string.Join(", ", words);
    }

    private static DecisionReason Reason(ColumnMask mask, Verdict verdict, string message, string hint)
        => new(ReasonSource.MaskingRule, mask.Rule, verdict, message, hint);
}
