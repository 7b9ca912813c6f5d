using System.Collections.Immutable;

namespace Weir.Agent.Reviews;

/// <summary>What a dry run of a held statement really changed.</summary>
/// <param name="RowsChanged">Rows by relation; the empty name holds those whose relation isn't known.</param>
/// <param name="NotRunBecause">Why there was no dry run; null when there was one.</param>
internal sealed record DryRunEffect(ImmutableSortedDictionary<string, long> RowsChanged, string? NotRunBecause)
{
    /// <summary>Some of the rows before and after.</summary>
    public ImmutableArray<ShownRows> Samples { get; init; } = [];

    public static DryRunEffect NotRun(string reason) => new(ImmutableSortedDictionary<string, long>.Empty, reason);
}
