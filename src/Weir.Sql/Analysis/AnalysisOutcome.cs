using Weir.Policy.Analysis;

namespace Weir.Sql.Analysis;

/// <summary>What became of a text: <see cref="Analyzed"/>, <see cref="SyntaxFault"/> or <see cref="Refused"/>; there is no other.</summary>
public abstract record AnalysisOutcome
{
    private AnalysisOutcome()
    {
    }

    public sealed record Analyzed(ScriptAnalysis Script) : AnalysisOutcome;

    /// <summary>Not SQL. PostgreSQL will say so itself, in these words if its grammar is version 18's.</summary>
    /// <param name="SqlState">Mostly 42601.</param>
    /// <param name="Position">1-based, in characters, as PostgreSQL's error field P; 0 when there is none.</param>
    public sealed record SyntaxFault(string Message, string SqlState, int Position) : AnalysisOutcome;

    /// <summary>Too long, too deep or too slow to judge: treat it as unknown, which is never allowed.</summary>
    /// <param name="Reason">For people; holds nothing of the statement.</param>
    /// <param name="IsPassing">A matter of the moment (the machine was too busy): the same text may be judged when it is sent again, so this is not kept.</param>
    public sealed record Refused(string Reason, bool IsPassing = false) : AnalysisOutcome;
}
