using System.Collections.Immutable;
using System.Text;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis;
using Weir.Sql.Catalog;
using Weir.Sql.Parsing;

namespace Weir.Cli.Policies;

/// <summary>
/// Analyses statements one after the other as a session would send them: what one prepares, declares or makes temporarily is known to those after it. Without
/// a catalog, names that are not PostgreSQL's own are taken for everything they could mean.
/// </summary>
internal sealed class StatementSequence : IDisposable
{
    private readonly PostgresParser _parser = new();
    private readonly StatementAnalyzer _analyzer;
    private readonly CatalogSnapshot? _catalog;
    private readonly Dictionary<string, StatementAnalysis> _prepared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StatementAnalysis> _cursors = new(StringComparer.Ordinal);
    private TemporaryObjects _temporary = TemporaryObjects.None;

    /// <param name="catalog">Null when it is not known.</param>
    public StatementSequence(CatalogSnapshot? catalog)
    {
        _catalog = catalog;
        _analyzer = new StatementAnalyzer(_parser);
    }

    public AnalysisOutcome Analyze(string text)
    {
        var context = new AnalysisContext(_catalog, ImmutableArray.Create("$user", "public"), "", _temporary, _catalog?.ServerVersion ?? 0) { PreparedStatements = _prepared, Cursors = _cursors };
        var outcome = _analyzer.Analyze(Encoding.UTF8.GetBytes(text), context);
        if (outcome is AnalysisOutcome.Analyzed { Script: var script })
        {
            foreach (var statement in script.Statements)
            {
                Remember(statement);
            }
        }

        return outcome;
    }

    public void Dispose() => _parser.Dispose();

    private void Remember(StatementAnalysis statement)
    {
        _temporary = _temporary.After(statement);
        if (statement is { PreparedName: { } prepared, Inner: { } inner })
        {
            _prepared[prepared] = inner;
        }

        if (statement is { CursorName: { } cursor, Inner: { } query })
        {
            _cursors[cursor] = query;
        }
    }
}
