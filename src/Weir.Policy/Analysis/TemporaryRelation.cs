using System.Collections.Immutable;

namespace Weir.Policy.Analysis;

/// <summary>A temporary table or view of the session.</summary>
/// <param name="Name">Without schema.</param>
/// <param name="Columns">Its columns, with the lineage of what was put into them when it was made; default when not known.</param>
public sealed record TemporaryRelation(string Name, ImmutableArray<ResultColumn> Columns)
{
    /// <summary>A view's statement runs whenever it is read; null for a table.</summary>
    public StatementAnalysis? View { get; init; }

    /// <summary>It goes with the transaction that made it (ON COMMIT DROP).</summary>
    public bool VanishesAtCommit { get; init; }

    /// <summary>It may be gone, because what made it may have been rolled back: its name may mean another relation.</summary>
    public bool IsDoubtful { get; init; }
}
