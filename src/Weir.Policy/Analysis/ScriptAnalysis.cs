using System.Collections.Immutable;

namespace Weir.Policy.Analysis;

/// <summary>The analysis of one text (a Query string or the text of a Parse): its statements in order, judged as one unit.</summary>
/// <param name="Statements">Empty for blank text, comments or lone semicolons.</param>
public sealed record ScriptAnalysis(ImmutableArray<StatementAnalysis> Statements)
{
    /// <summary>All effects of all statements.</summary>
    public Effects Effects => Statements.Aggregate(Effects.None, (sum, s) => sum | s.Effects);

    /// <summary>Some verdict or mask depends on literal values: cache by exact text only.</summary>
    public bool DependsOnLiterals => Statements.Any(s => s.DependsOnLiterals);
}
