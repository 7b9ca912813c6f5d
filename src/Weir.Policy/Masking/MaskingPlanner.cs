using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Documents;

namespace Weir.Policy.Masking;

/// <summary>Works out from lineage how the answer of a statement is masked.</summary>
internal static class MaskingPlanner
{
    private static readonly MaskSpec Opaque = new(MaskKind.Redact) { IsOpaque = true };

    public static MaskingPlan Plan(SessionPolicy policy, MaskedUseCheck masked, StatementAnalysis statement)
    {
        var unprovable = new PlannedMask(policy.FallbackMask!, MaskLayer.Unprovable);
        bool mayHold = masked.MayHoldMasked(statement);
        if (statement.ReadsOpaqueSource || (!statement.IsLineageProvable && mayHold))
            return new MaskingPlan(policy, [], unprovable);
        if (statement.ResultColumns.IsDefault)
            return new MaskingPlan(policy, [], statement.IsLineageProvable ? null : unprovable);

        var columns = ImmutableArray.CreateBuilder<PlannedMask?>(statement.ResultColumns.Length);
        foreach (var column in statement.ResultColumns)
            columns.Add(MaskOf(policy, column) ?? (column.IsProvable || !mayHold ? null : unprovable));
        return new MaskingPlan(policy, columns.MoveToImmutable(), null);
    }

    private static PlannedMask? MaskOf(SessionPolicy policy, ResultColumn column)
    {
        List<ColumnMask>? masks = null;
        foreach (var source in column.Sources)
        {
            if (policy.MaskFor(source.Relation, source.Column) is { } mask)
                (masks ??= []).Add(mask);
        }

        if (masks is null)
            return null;
        var strictest = MaskingRules.Combine(masks);

        // A mask made for a column's own values may show more than it should of a value computed from them, or not fit its type.
        bool isIdentity = column is { IsIdentity: true, IsProvable: true } && column.Sources.All(s => s.Column != "*");
        if (isIdentity)
            return new PlannedMask(strictest, MaskLayer.Lineage);
        return new PlannedMask(strictest.Spec.Kind == MaskKind.Nullify ? strictest : strictest with { Spec = Opaque }, MaskLayer.Derived);
    }
}
