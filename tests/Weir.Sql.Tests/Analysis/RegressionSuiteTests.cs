using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis;
using Weir.Sql.Catalog;
using Weir.Sql.Lexing;
using Weir.Sql.Parsing;
using Weir.Sql.Tests.Catalog;
using Weir.Testing.Postgres;

namespace Weir.Sql.Tests.Analysis;

/// <summary>
/// The statements of PostgreSQL's own regression suite, where <c>WEIR_REGRESSION_SQL</c> names the directory of its files (src/test/regress/sql), else skipped.
/// Each runs on a server in a transaction of its own: what was given a transaction id has written, whatever the statement looks like.
/// </summary>
public sealed class RegressionSuiteTests(PostgresServerFixture postgres)
{
    /// <summary>What needs no transaction id.</summary>
    private const Effects Passive = Effects.Read | Effects.CopyOut | Effects.Transaction | Effects.Session;

    /// <summary>Files that need another server, or privileges and roles that outlive their database.</summary>
    private static readonly string[] Elsewhere = ["tablespace.sql", "database.sql", "largeobject.sql", "security_label.sql", "stats.sql", "psql.sql", "psql_crosstab.sql"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_write_of_the_regression_suite_is_missed()
    {
        string? directory = Environment.GetEnvironmentVariable("WEIR_REGRESSION_SQL");
        Assert.SkipWhen(string.IsNullOrEmpty(directory), "WEIR_REGRESSION_SQL names no directory.");
        var files = Directory.GetFiles(directory!, "*.sql").Where(f => !Elsewhere.Contains(Path.GetFileName(f))).Order(StringComparer.Ordinal).ToList();
        if (Environment.GetEnvironmentVariable("WEIR_REGRESSION_FILES") is { Length: > 0 } some)
            files = files.Where(f => some.Split(',').Contains(Path.GetFileNameWithoutExtension(f))).ToList();
        var tally = new Tally();
        string setup = Path.Combine(directory!, "test_setup.sql");

        foreach (string file in files)
            await RunAsync(file, File.Exists(setup) && file != setup ? setup : null, tally);

        TestContext.Current.TestOutputHelper?.WriteLine(tally.ToString());
        if (Environment.GetEnvironmentVariable("WEIR_REGRESSION_OUT") is { Length: > 0 } report)
            await File.WriteAllTextAsync(report, tally.ToString(), Cancel);
        tally.Crashed.ShouldBeEmpty();
        tally.Missed.ShouldBeEmpty();
    }

    private async Task RunAsync(string file, string? setup, Tally tally)
    {
        await using PostgresDatabase database = await postgres.CreateDatabaseAsync();
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Command Timeout=5");
        await connection.OpenAsync(Cancel);
        if (setup is not null)
        {
            foreach (string statement in Statements(await File.ReadAllTextAsync(setup, Cancel)))
                await WroteAsync(connection, statement);
        }

        using var parser = new PostgresParser(new ParserLimits { Deadline = TimeSpan.FromSeconds(10), MaxTextBytes = 512 * 1024 });
        var analyzer = new StatementAnalyzer(parser);
        CatalogSnapshot? snapshot = null;
        TemporaryObjects temporary = TemporaryObjects.None;
        foreach (string statement in Statements(await File.ReadAllTextAsync(file, Cancel)))
        {
            if (connection.State != System.Data.ConnectionState.Open)
                return;
            snapshot ??= await CatalogReader.LoadAsync(database.ConnectionString, Cancel);
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
            bool? wrote = await WroteAsync(connection, statement);
            if (wrote is null)
                continue;
            tally.Succeeded++;
            temporary = temporary.After(analysis);
            if (wrote == true && (analysis.Effects & ~Passive) == 0)
                tally.Missed.Add($"{Path.GetFileName(file)}: {analysis.Effects} {statement}");
            if (wrote == true && (analysis.ChangesCatalog || (analysis.Effects & (Effects.Dynamic | Effects.Call | Effects.Unknown)) != 0))
                snapshot = null;
        }
    }

    /// <summary>Whether the statement was given a transaction id; null when it failed or can't run in a transaction.</summary>
    private static async Task<bool?> WroteAsync(NpgsqlConnection connection, string sql)
    {
        try
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(Cancel);
            await using (var command = new NpgsqlCommand(sql, connection) { Parameters = { new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Integer, Value = 1 } }, AllResultTypesAreUnknown = true })
                await command.ExecuteNonQueryAsync(Cancel);
            await using var asked = new NpgsqlCommand("SELECT pg_current_xact_id_if_assigned() IS NOT NULL", connection);
            bool wrote = (bool)(await asked.ExecuteScalarAsync(Cancel))!;
            await transaction.CommitAsync(Cancel);
            return wrote;
        }
        catch (Exception fault) when (fault is NpgsqlException or InvalidOperationException or NotSupportedException or InvalidCastException or TimeoutException)
        {
            return null;
        }
    }

    private static System.Collections.Immutable.ImmutableArray<string> SearchPathOf(string text) =>
        [.. text.Split(',').Select(p => p.Trim().Trim('"')).Where(p => p.Length > 0)];

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

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Statements} statements, {Succeeded} ran, {Missed.Count} missed writes, {Crashed.Count} refused, {Unknown.Count} unknown\n\nMISSED\n{string.Join('\n', Missed)}\n\nREFUSED\n{string.Join('\n', Crashed)}\n\nUNKNOWN\n{string.Join('\n', Unknown)}\n");
    }
}
