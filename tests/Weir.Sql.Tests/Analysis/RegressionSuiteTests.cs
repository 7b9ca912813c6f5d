using System.Globalization;
using System.Text;
using Npgsql;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis;
using Weir.Sql.Catalog;
using Weir.Sql.Lexing;
using Weir.Sql.Parsing;
using Weir.Sql.Tests.Catalog;
using Weir.Testing.Postgres;

namespace Weir.Sql.Tests.Analysis;

/// <summary>
/// The statements of all files of PostgreSQL's own regression suite: half an hour, so only where <c>WEIR_REGRESSION_SQL</c> names their directory (src/test/regress/sql),
/// or with <c>WEIR_LONG_TESTS=1</c> where tests/compat/regress.sh has fetched them. <see cref="EffectsAgainstServerTests"/> is the short form.
/// Each runs on a server in a transaction of its own, and what the analysis says is compared with what the server did (<see cref="ServerEffects"/>).
/// </summary>
public sealed class RegressionSuiteTests(PostgresServerFixture postgres)
{
    /// <summary>Where tests/compat/regress.sh keeps the suite of version 15 when it runs as root.</summary>
    private const string Fetched = "/var/cache/weir/regress/15/src/test/regress/sql";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_write_of_the_regression_suite_is_missed()
    {
        string? directory = Environment.GetEnvironmentVariable("WEIR_REGRESSION_SQL");
        if (string.IsNullOrEmpty(directory) && Environment.GetEnvironmentVariable("WEIR_LONG_TESTS") == "1" && Directory.Exists(Fetched))
            directory = Fetched;
        Assert.SkipWhen(string.IsNullOrEmpty(directory), "takes half an hour: WEIR_LONG_TESTS=1 or WEIR_REGRESSION_SQL=DIRECTORY");
        var files = Directory.GetFiles(directory!, "*.sql").Order(StringComparer.Ordinal).ToList();
        if (Environment.GetEnvironmentVariable("WEIR_REGRESSION_FILES") is { Length: > 0 } some)
            files = files.Where(f => some.Split(',').Contains(Path.GetFileNameWithoutExtension(f))).ToList();
        var tally = new Tally();
        string setup = Path.Combine(directory!, "test_setup.sql");

        await using PostgresDatabase template = await postgres.CreateDatabaseAsync();
        await SetUpAsync(template, setup, tally);
        string? report = Environment.GetEnvironmentVariable("WEIR_REGRESSION_OUT");
        foreach (string file in files)
        {
            await using (var database = new PostgresDatabase(template.Server, $"{template.Name}_copy"))
            {
                await template.Server.ExecuteAsync(PostgresServer.Superuser, $"CREATE DATABASE {database.Name} TEMPLATE {template.Name}", Cancel);
                await RunAsync(file, database, tally);
            }

            if (!string.IsNullOrEmpty(report))
                await File.WriteAllTextAsync(report, tally.ToString(), Cancel);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(tally.ToString());
        tally.Crashed.ShouldBeEmpty();
        tally.Missed.ShouldBeEmpty();
    }

    private static async Task SetUpAsync(PostgresDatabase database, string setup, Tally tally)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Command Timeout=30;Pooling=false");
        await connection.OpenAsync(Cancel);
        foreach (string statement in Statements(await ScriptAsync(setup)))
        {
            await ServerEffects.ObserveAsync(connection, statement, keep: true, Cancel);
            await ReopenAsync(connection, Path.GetFileName(setup), statement, tally);
        }
    }

    private static async Task RunAsync(string file, PostgresDatabase database, Tally tally)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Command Timeout=5;Pooling=false");
        await connection.OpenAsync(Cancel);
        using var parser = new PostgresParser(new ParserLimits { Deadline = TimeSpan.FromSeconds(10), MaxTextBytes = 512 * 1024 });
        var analyzer = new StatementAnalyzer(parser);
        CatalogSnapshot? snapshot = null;
        TemporaryObjects temporary = TemporaryObjects.None;
        foreach (string statement in Statements(await ScriptAsync(file)))
        {
            snapshot ??= await CatalogReader.LoadAsync(database.ConnectionString + ";Pooling=false", Cancel);
            await using var path = new NpgsqlCommand("SHOW search_path", connection);
            var searchPath = SearchPathOf((string)(await path.ExecuteScalarAsync(Cancel))!);
            var context = new AnalysisContext(snapshot, searchPath, "postgres", temporary, snapshot.ServerVersion);
            AnalysisOutcome outcome = analyzer.Analyze(Encoding.UTF8.GetBytes(statement), context);
            tally.Statements++;
            if (outcome is AnalysisOutcome.Refused refused)
            {
                tally.Crashed.Add($"{Path.GetFileName(file)}: {refused.Reason} {statement}");
                continue;
            }

            if (outcome is not AnalysisOutcome.Analyzed { Script.Statements: [var analysis] } || analysis.Transaction != TransactionAction.None || analysis.Command.StartsWith("COPY", StringComparison.Ordinal))
                continue;
            if ((analysis.Effects & Effects.Unknown) != 0)
                tally.Unknown.Add($"{Path.GetFileName(file)}: {string.Join(' ', analysis.Notes)} {Short(statement)}");
            if (await ServerEffects.ObserveAsync(connection, statement, keep: true, Cancel) is not { } observed)
            {
                if (await ReopenAsync(connection, Path.GetFileName(file), statement, tally))
                    temporary = TemporaryObjects.None;
                continue;
            }

            tally.Succeeded++;
            temporary = temporary.After(analysis);
            foreach (string missed in observed.MissedBy(analysis))
                tally.Missed.Add($"{Path.GetFileName(file)}: {missed}; {analysis.Effects} {statement}");
            if (observed.WasGivenId && (analysis.ChangesCatalog || (analysis.Effects & (Effects.Dynamic | Effects.Call | Effects.Unknown)) != 0))
                snapshot = null;
        }
    }

    /// <summary>A statement that took too long has cost the connection.</summary>
    private static async Task<bool> ReopenAsync(NpgsqlConnection connection, string file, string statement, Tally tally)
    {
        if (connection.State == System.Data.ConnectionState.Open)
            return false;
        tally.Broken.Add($"{file}: {Short(statement)}");
        await connection.CloseAsync();
        await connection.OpenAsync(Cancel);
        return true;
    }

    private static System.Collections.Immutable.ImmutableArray<string> SearchPathOf(string text) =>
        [.. text.Split(',').Select(p => p.Trim().Trim('"')).Where(p => p.Length > 0)];

    /// <summary>A script with the variables filled in that name the suite's data files and C functions.</summary>
    private static async Task<string> ScriptAsync(string file)
    {
        string suite = Path.GetDirectoryName(Path.GetDirectoryName(file))!;
        string libraries = Path.GetFullPath(Path.Combine(suite, "../../../lib"));
        var values = new Dictionary<string, string>();
        var script = new StringBuilder();
        foreach (string line in (await File.ReadAllTextAsync(file, Cancel)).Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["\\set", var name, ":abs_srcdir", var tail])
                values[name] = suite + tail.Trim('\'');
            else if (words is ["\\set", var library, ":libdir", .. var parts])
                values[library] = libraries + string.Concat(parts.Select(p => p == ":dlsuffix" ? ".so" : p.Trim('\'')));
            string filled = line;
            foreach (var (variable, value) in values)
                filled = filled.Replace($":'{variable}'", $"'{value}'", StringComparison.Ordinal);
            script.Append(filled).Append('\n');
        }

        return script.ToString();
    }

    /// <summary>The statements of a psql script, without its own commands and the data of COPY.</summary>
    private static IEnumerable<string> Statements(string script)
    {
        var plain = new StringBuilder();
        bool isData = false;
        foreach (string line in script.Split('\n'))
        {
            if (isData)
            {
                isData = !line.StartsWith("\\.", StringComparison.Ordinal);
                continue;
            }

            if (line.StartsWith('\\'))
                continue;
            plain.Append(line).Append('\n');
            string lower = line.ToLowerInvariant();
            isData = lower.Contains("from stdin", StringComparison.Ordinal) && lower.TrimEnd().EndsWith(';');
        }

        byte[] text = Encoding.UTF8.GetBytes(plain.ToString());
        int start = 0;
        int depth = 0;
        var ends = new List<int>();
        var lexer = new SqlLexer(text);
        while (lexer.Read())
        {
            if (lexer.Kind == SqlTokenKind.Punctuation && lexer.Token[0] is (byte)'(' or (byte)')')
                depth = Math.Max(0, depth + (lexer.Token[0] == '(' ? 1 : -1));
            if (lexer.Kind == SqlTokenKind.Punctuation && lexer.Token[0] == ';' && depth == 0)
                ends.Add(lexer.Start);
        }

        foreach (int end in ends)
        {
            string statement = Encoding.UTF8.GetString(text, start, end - start).Trim();
            start = end + 1;
            if (statement.Length > 0)
                yield return statement;
        }
    }

    private static string Short(string sql) => sql.Length > 160 ? sql[..160] : sql;

    private sealed class Tally
    {
        public int Statements { get; set; }

        public int Succeeded { get; set; }

        public List<string> Crashed { get; } = [];

        public List<string> Missed { get; } = [];

        public List<string> Unknown { get; } = [];

        public List<string> Broken { get; } = [];

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Statements} statements, {Succeeded} ran, {Missed.Count} missed writes, {Crashed.Count} refused, {Unknown.Count} unknown, {Broken.Count} cost their connection\n\nMISSED\n{string.Join('\n', Missed)}\n\nREFUSED\n{string.Join('\n', Crashed)}\n\nUNKNOWN\n{string.Join('\n', Unknown)}\n\nBROKEN\n{string.Join('\n', Broken)}\n");
    }
}
