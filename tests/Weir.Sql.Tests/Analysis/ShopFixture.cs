using System.Text;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis;
using Weir.Sql.Catalog;
using Weir.Sql.Parsing;
using Weir.Sql.Tests.Catalog;
using Weir.Testing;
using Weir.Testing.Postgres;

namespace Weir.Sql.Tests.Analysis;

/// <summary>The catalog of shop.sql, read once from a real server, and the analysis on top of it.</summary>
public sealed class ShopFixture(PostgresServerFixture postgres) : IAsyncLifetime
{
    private readonly PostgresParser _parser = new(new ParserLimits { Deadline = TimeSpan.FromSeconds(10) });

    public CatalogSnapshot Snapshot { get; private set; } = null!;

    internal AnalysisContext Context => new(Snapshot, ["$user", "public"], "postgres", TemporaryObjects.None, Snapshot.ServerVersion);

    internal StatementAnalyzer Analyzer => new(_parser);

    public async ValueTask InitializeAsync()
    {
        await using PostgresDatabase database = await postgres.CreateDatabaseAsync();
        await database.ScriptAsync(await File.ReadAllTextAsync(RepositoryRoot.Combine("tests/Weir.Sql.Tests/Analysis/shop.sql")));
        Snapshot = await CatalogReader.LoadAsync(database.ConnectionString, CancellationToken.None);
    }

    public ValueTask DisposeAsync()
    {
        _parser.Dispose();
        return ValueTask.CompletedTask;
    }

    internal ScriptAnalysis Script(string sql, AnalysisContext? context = null) =>
        Analyzer.Analyze(Encoding.UTF8.GetBytes(sql), context ?? Context).ShouldBeOfType<AnalysisOutcome.Analyzed>().Script;

    internal StatementAnalysis One(string sql, AnalysisContext? context = null) => Script(sql, context).Statements.ShouldHaveSingleItem();

    /// <summary>Sources of the only result column, <c>table.column</c>, in alphabetical order.</summary>
    internal static string SourcesOf(ResultColumn column) =>
        string.Join(' ', column.Sources.Select(s => s.Relation.Name + "." + s.Column).Order(StringComparer.Ordinal));
}
