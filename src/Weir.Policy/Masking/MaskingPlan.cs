using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;

namespace Weir.Policy.Masking;

/// <summary>How the answer of one statement is masked. Immutable; valid for what its analysis was valid for.</summary>
public sealed class MaskingPlan
{
    private readonly SessionPolicy? _policy;

    internal MaskingPlan(SessionPolicy? policy, ImmutableArray<PlannedMask?> columns, PlannedMask? wholeAnswer)
    {
        _policy = policy;
        Columns = columns;
        WholeAnswer = wholeAnswer;
        HasMasks = wholeAnswer is not null || columns.Any(c => c is not null);
    }

    /// <summary>The plan of a session without masking rules.</summary>
    public static MaskingPlan None { get; } = new(null, [], null);

    /// <summary>Some column is masked by lineage, or the whole answer is. Origin may still mask more: ask <see cref="Reconcile"/>.</summary>
    public bool HasMasks { get; }

    /// <summary>Not null when every column is masked, however many there turn out to be.</summary>
    public PlannedMask? WholeAnswer { get; }

    /// <summary>Masks of the result columns in order; null entries pass.</summary>
    public ImmutableArray<PlannedMask?> Columns { get; }

    /// <summary>
    /// The mask of a column of the real RowDescription, from lineage and from its origin (table oid and attribute number): where they
    /// contradict each other, the column is masked.
    /// </summary>
    /// <param name="columnIndex">0-based; a column that the plan does not know is masked.</param>
    /// <param name="relation">Base relation by table oid; null when RowDescription names none (oid 0).</param>
    /// <param name="column">Name by attribute number; null when it names none.</param>
    /// <returns>null when the column passes.</returns>
    public PlannedMask? Reconcile(int columnIndex, QualifiedName? relation, string? column)
    {
        if (_policy is null)
            return null;
        var planned = Planned(columnIndex);
        if (relation is not { } origin || column is null || _policy.MaskFor(origin, column) is not { } mask)
            return planned;

        // A stricter plan stays: the origin tells where the value comes from, not what else flowed into it.
        return planned ?? new PlannedMask(mask, MaskLayer.Origin);
    }

    /// <summary>The mask of a column whose table oid is not in the catalog at hand: unprovable until the catalog was read again.</summary>
    public PlannedMask? ReconcileUnknownOrigin(int columnIndex)
        => _policy is null ? null : Planned(columnIndex) ?? Unprovable(_policy);

    private PlannedMask? Planned(int columnIndex)
    {
        if (WholeAnswer is not null)
            return WholeAnswer;
        return columnIndex < Columns.Length ? Columns[columnIndex] : Unprovable(_policy!);
    }

    private static PlannedMask Unprovable(SessionPolicy policy) => new(policy.FallbackMask!, MaskLayer.Unprovable);
}
