using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Walking;

namespace Weir.Sql.Analysis.Functions;

/// <summary>What the body of a function does. Kept with the catalog: not to be changed once made.</summary>
/// <param name="Result">What it returns, without what flows in through its arguments.</param>
/// <param name="MayWrite">It does more than read.</param>
/// <param name="TellsElsewhere">It raises notices or errors of its own making, which may hold what it has read.</param>
internal sealed record BodySummary(Findings Findings, QueryResult Result, bool MayWrite, bool TellsElsewhere)
{
    /// <summary>The definitions in it, in the order of the text: any of them may be carried out. Null when names may mean something else after it for another reason.</summary>
    public IReadOnlyList<string>? Definitions { get; init; }

    /// <summary>Something is carried out behind a definition in the same body, or before it in a loop.</summary>
    public bool UsesDefinitions { get; init; }
}
