using System.Globalization;
using System.Text;
using Weir.Policy.Analysis;
using Weir.Sql.Parsing;
using Weir.Sql.Tests.Analysis;

namespace Weir.Sql.Tests.Parsing;

public sealed class LongValuesTests(ShopFixture shop, ITestOutputHelper output) : IClassFixture<ShopFixture>, IDisposable
{
    private readonly PostgresParser _parser = new(new ParserLimits { MaxTextBytes = 16 * 1024 * 1024, Deadline = TimeSpan.FromSeconds(10) });

    [Fact]
    public void Megabytes_of_constants_are_parsed()
    {
        string sql = Insert(150_000, i => $"({i}, 'name {i} with ''quotes'' and (parentheses), commas', -{i}.5, NULL, true, DEFAULT)");
        sql.Length.ShouldBeGreaterThan(8 * 1024 * 1024);
        long start = ThreadClock.Read(ThreadClock.Current)!.Value;

        using ParseOutcome outcome = _parser.Parse(Encoding.UTF8.GetBytes(sql));

        output.WriteLine($"{sql.Length} bytes in {(ThreadClock.Read(ThreadClock.Current)!.Value - start) / 1_000_000} ms of processor time");
        var script = outcome.ShouldBeOfType<ParsedScript>();
        script.IsAbridged(script.Statements.ShouldHaveSingleItem()).ShouldBeTrue();
        script.Statements[0].Length.ShouldBe(sql.Length);
        Rows(script).ShouldBe(1_000);
    }

    [Fact]
    public void Rows_of_other_kinds_and_rows_with_expressions_stay()
    {
        string sql = Insert(20_000, i => i switch
        {
            5_000 => $"({i}, 1.5, 'other kind')",
            6_000 => $"({i}, purge(), 'call')",
            7_000 => $"({i}, (SELECT 1), 'query')",
            8_000 => $"({i}, 'x'::text::int, 'cast')",
            9_000 => $"({i}, 99999999999999999999, 'numeric or bigint')",
            10_000 => $"({i}, 3000000000, 'bigint')",
            11_000 => $"({i}, 1, U&'\\0041')",
            12_000 => $"({i}, 1, E'\\x41')",
            _ => $"({i}, 1, 'plain')",
        });

        using ParseOutcome outcome = _parser.Parse(Encoding.UTF8.GetBytes(sql));

        Rows(outcome.ShouldBeOfType<ParsedScript>()).ShouldBe(1_008);
    }

    [Fact]
    public void Calls_in_the_midst_of_a_long_list_are_found()
    {
        string sql = $"INSERT INTO orders (id, amount, status) VALUES {string.Join(", ", Enumerable.Range(1, 20_000).Select(i => i == 15_000 ? $"({i}, purge(), 'a')" : $"({i}, 1, 'a')"))}";

        new Weir.Sql.Analysis.StatementAnalyzer(_parser).Analyze(Encoding.UTF8.GetBytes(sql), shop.Context).ShouldBeOfType<Weir.Sql.Analysis.AnalysisOutcome.Analyzed>()
            .Script.Effects.HasFlag(Effects.Call | Effects.Delete).ShouldBeTrue();
    }

    [Fact]
    public void Constants_that_were_not_looked_at_may_belong_to_any_column()
    {
        string sql = Insert(20_000, i => $"({i}, 1, 'plain')") + "; SELECT 1";
        var script = new Weir.Sql.Analysis.StatementAnalyzer(_parser).Analyze(Encoding.UTF8.GetBytes(sql), shop.Context).ShouldBeOfType<Weir.Sql.Analysis.AnalysisOutcome.Analyzed>().Script;

        script.Statements[0].Literals.ShouldHaveSingleItem().Column.ShouldBe("*");
        script.Statements[1].Literals.ShouldBeEmpty();
    }

    [Fact]
    public void Errors_are_where_they_are_in_the_text()
    {
        string sql = Insert(20_000, i => $"({i}, 1, 'ä')") + " WHERE";

        _parser.Parse(Encoding.UTF8.GetBytes(sql)).ShouldBeOfType<SyntaxFault>().CursorPosition.ShouldBe(sql.Length - 4);
    }

    [Theory]
    [InlineData("SELECT 'values (1), (2)' AS values, values.* FROM (VALUES (1), (2)) AS values")]
    [InlineData("SELECT 1 /* VALUES (1), */ FROM t")]
    [InlineData("INSERT INTO t VALUES (1), (2")]
    [InlineData("INSERT INTO t VALUES (1), (2), ")]
    [InlineData("INSERT INTO t VALUES ()")]
    public void Short_and_odd_lists_stay_as_they_are(string sql)
    {
        byte[] text = Encoding.UTF8.GetBytes(sql);
        byte[] copy = [.. text];

        LongValues.Blank(text, copy).ShouldBeEmpty();
        copy.ShouldBe(text);
    }

    [Fact]
    public void What_can_not_be_made_short_is_refused_with_the_limit()
    {
        string sql = "SELECT " + string.Join(", ", Enumerable.Range(1, 600_000).Select(i => i.ToString(CultureInfo.InvariantCulture)));
        var analyzer = new Weir.Sql.Analysis.StatementAnalyzer(_parser);

        analyzer.Analyze(Encoding.UTF8.GetBytes(sql), shop.Context).ShouldBeOfType<Weir.Sql.Analysis.AnalysisOutcome.Refused>().Reason.ShouldContain("16 MiB");
    }

    public void Dispose() => _parser.Dispose();

    private static string Insert(int rows, Func<int, string> row) => "INSERT INTO orders VALUES " + string.Join(",\n", Enumerable.Range(1, rows).Select(row));

    private static int Rows(ParsedScript script) => script.Statements[0].Node.GetProperty("InsertStmt").GetProperty("selectStmt").GetProperty("SelectStmt").GetProperty("valuesLists").GetArrayLength();
}
