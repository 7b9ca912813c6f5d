using Weir.Sql.Parsing;

namespace Weir.Sql.Analysis;

/// <summary>
/// From SQL text and what is known of the session to what its statements do. Thread-safe and without state of its own; a call takes as long as
/// parsing (see <see cref="ParserLimits.Deadline"/>) and a walk over a bounded tree.
/// </summary>
public sealed class StatementAnalyzer(PostgresParser parser)
{
    /// <param name="utf8Sql">A Query string, or the text of a Parse.</param>
    public AnalysisOutcome Analyze(ReadOnlySpan<byte> utf8Sql, AnalysisContext context)
    {
        using ParseOutcome outcome = parser.Parse(utf8Sql);
        return outcome switch
        {
            Parsing.SyntaxFault fault => new AnalysisOutcome.SyntaxFault(fault.Message, fault.SqlState, fault.CursorPosition),
            _ => new AnalysisOutcome.Refused("The statement can't be judged yet."),
        };
    }
}
