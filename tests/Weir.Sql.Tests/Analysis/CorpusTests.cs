using System.Text;
using System.Text.Json;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis;
using Weir.Sql.Catalog;
using Weir.Sql.Parsing;
using Weir.Sql.Tests.Catalog;
using Weir.Testing;
using Weir.Testing.Postgres;
using Weir.Testing.Processes;

namespace Weir.Sql.Tests.Analysis;

/// <summary>The single-statement cases of the two corpora, judged against the catalog of their own schema. What they did to a plain server was observed.</summary>
public sealed class CorpusTests(PostgresServerFixture postgres)
{
    private const string Missing = "The corpora are not beside this checkout.";

    /// <summary>What the access level <c>write</c> allows.</summary>
    private const Effects Harmless = Effects.Read | Effects.Insert | Effects.Update | Effects.Delete | Effects.Merge | Effects.CopyIn | Effects.CopyOut
        | Effects.Session | Effects.Transaction | Effects.Notify | Effects.Lock;

    /// <summary>Benign statements that need more than the level <c>write</c>, with the reason.</summary>
    private static readonly Dictionary<string, string> NeedMore = new()
    {
        ["ok-115"] = "ANALYZE is maintenance",
    };

    [Fact]
    public async Task Whatever_changed_the_database_is_judged_to_change_it()
    {
        Assert.SkipUnless(Corpus.IsPresent, Missing);
        var (analyzer, context) = await PrepareAsync();
        var missed = new List<string>();
        foreach (JsonElement entry in Cases("evasion.jsonl"))
        {
            if (Sql(entry) is not { } sql || entry.TryGetProperty("startup", out _) || ObservedEffects(entry).Count == 0)
                continue;
            if (analyzer.Analyze(Encoding.UTF8.GetBytes(sql), context) is AnalysisOutcome.Analyzed analyzed && !Changes(analyzed.Script))
                missed.Add(Id(entry));
        }

        missed.ShouldBeEmpty();
    }

    [Fact]
    public async Task Harmful_statements_stand_out_and_harmless_ones_do_not()
    {
        Assert.SkipUnless(Corpus.IsPresent, Missing);
        var (analyzer, context) = await PrepareAsync();
        var wrong = new List<string>();
        foreach (JsonElement entry in Cases("evasion.jsonl"))
        {
            if (Sql(entry) is not { } sql || entry.TryGetProperty("startup", out _))
                continue;
            AnalysisOutcome outcome = analyzer.Analyze(Encoding.UTF8.GetBytes(sql), context);
            bool standsOut = outcome is AnalysisOutcome.Refused || outcome is AnalysisOutcome.Analyzed analyzed && StandsOut(analyzed.Script);
            bool mayBeAllowed = entry.GetProperty("expected").GetString() == "allow" || Accepts(entry, "allow") || outcome is AnalysisOutcome.SyntaxFault;
            bool mustBeAllowed = entry.GetProperty("expected").GetString() == "allow" && !NeedMore.ContainsKey(Id(entry));
            if (standsOut && mustBeAllowed || !standsOut && !mayBeAllowed)
                wrong.Add(Id(entry));
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task Secrets_have_a_sensitive_source_and_controls_have_none()
    {
        Assert.SkipUnless(Corpus.IsPresent, Missing);
        var (analyzer, context) = await PrepareAsync();
        var sensitive = JsonDocument.Parse(await File.ReadAllTextAsync(SharedCorpus.Locate("corpus/masking_policy.json")!, TestContext.Current.CancellationToken))
            .RootElement.GetProperty("columns").EnumerateArray().Select(c => c.GetString()!).ToHashSet(StringComparer.Ordinal);
        var wrong = new List<string>();
        foreach (JsonElement entry in Cases("masking.jsonl"))
        {
            if (Sql(entry) is not { } sql)
                continue;
            string kind = entry.GetProperty("class").GetString()!;
            ScriptAnalysis? script = (analyzer.Analyze(Encoding.UTF8.GetBytes(sql), context) as AnalysisOutcome.Analyzed)?.Script;
            bool caught = script is null || script.Statements.Any(s => IsCaught(s, sensitive));
            if (kind is "mask" or "contain" && !caught || kind == "control" && script is not null && script.Statements.Any(s => HidesAnswer(s, sensitive)))
                wrong.Add(Id(entry));
        }

        wrong.ShouldBeEmpty();
    }

    private static bool Changes(ScriptAnalysis script) => (script.Effects & ~(Effects.Read | Effects.CopyOut | Effects.Transaction)) != 0;

    /// <summary>Seen by an access level of write, by the rule against unlimited changes, or by rules that name functions, settings and effects.</summary>
    private static bool StandsOut(ScriptAnalysis script) => script.Statements.Any(s =>
        (s.Effects & ~Harmless) != 0
        || s.RowLimit == RowLimit.Unlimited
        || s.MayExhaustServer
        || (s.Effects & (Effects.Notify | Effects.Lock)) != 0 && s.Command != "LISTEN"
        || s.Settings.Any(c => c.Name is "role" or "session_authorization" or "row_security" or "session_replication_role" or "log_statement" or "statement_timeout" or "standard_conforming_strings" or "")
        || s.Functions.Any(f => f.Candidates.Any(c => c.Name is "pg_export_snapshot" or "pg_sleep")));

    private static bool IsCaught(StatementAnalysis statement, HashSet<string> sensitive) =>
        HidesAnswer(statement, sensitive)
        || (statement.Effects & (Effects.Unknown | Effects.Dynamic | Effects.Program)) != 0
        || statement.Columns.Any(c => (c.Use & ~ColumnUse.Written) != 0 && c.Relations.Any(r => sensitive.Contains($"{r}.{c.Column}")));

    private static bool HidesAnswer(StatementAnalysis statement, HashSet<string> sensitive) =>
        statement.ReadsOpaqueSource
        || !statement.IsLineageProvable
        || !statement.ResultColumns.IsDefault && statement.ResultColumns.Any(c => !c.IsProvable || c.Sources.Any(s => sensitive.Contains($"{s.Relation}.{s.Column}")));

    private static HashSet<string> ObservedEffects(JsonElement entry) =>
        [.. entry.GetProperty("pg15").EnumerateObject().SelectMany(mode => mode.Value.GetProperty("effects").EnumerateArray()).Select(e => e.GetString()!)];

    private static bool Accepts(JsonElement entry, string verdict) =>
        entry.TryGetProperty("also_ok", out JsonElement also) && also.EnumerateArray().Any(v => v.GetString() == verdict);

    private static string Id(JsonElement entry) => entry.GetProperty("id").GetString()!;

    private static string? Sql(JsonElement entry) => entry.TryGetProperty("sql", out JsonElement sql) ? sql.GetString() : null;

    private static IEnumerable<JsonElement> Cases(string file) =>
        File.ReadLines(SharedCorpus.Locate("corpus/" + file)!).Select(line => JsonDocument.Parse(line).RootElement).Where(e => e.TryGetProperty("id", out _));

    private async Task<(StatementAnalyzer Analyzer, AnalysisContext Context)> PrepareAsync()
    {
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        await using PostgresDatabase database = await postgres.CreateDatabaseAsync();
        string[] arguments = ["--no-psqlrc", "--quiet", "--dbname", database.Url, "--file", SharedCorpus.Locate("corpus/schema.sql")!];
        (await ProcessRunner.RunAsync("psql", arguments, cancellationToken: cancelled)).EnsureSuccess();
        CatalogSnapshot snapshot = await CatalogReader.LoadAsync(database.ConnectionString, cancelled);
        var parser = new PostgresParser(new ParserLimits { Deadline = TimeSpan.FromSeconds(10), MaxTextBytes = 512 * 1024 });
        return (new StatementAnalyzer(parser), new AnalysisContext(snapshot, ["$user", "public"], "postgres", TemporaryObjects.None, snapshot.ServerVersion));
    }
}
