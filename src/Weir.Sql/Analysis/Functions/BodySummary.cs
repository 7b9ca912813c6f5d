using Weir.Sql.Analysis.Lineages;
using Weir.Sql.Analysis.Walking;

namespace Weir.Sql.Analysis.Functions;

/// <summary>What the body of a function does. Kept with the catalog: not to be changed once made.</summary>
/// <param name="Result">What it returns, without what flows in through its arguments.</param>
/// <param name="MayWrite">It does more than read.</param>
/// <param name="TellsElsewhere">It raises notices or errors of its own making, which may hold what it has read.</param>
internal sealed record BodySummary(Findings Findings, QueryResult Result, bool MayWrite, bool TellsElsewhere);
