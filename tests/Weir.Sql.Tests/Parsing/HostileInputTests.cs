using System.Text;
using Weir.Sql.Parsing;

namespace Weir.Sql.Tests.Parsing;

/// <summary>Each of these kills, or occupies for minutes, a process that calls PostgreSQL's parser directly.</summary>
public sealed class HostileInputTests(ITestOutputHelper output) : IDisposable
{
    private static readonly ParserLimits Limits = new() { MaxWait = TimeSpan.FromSeconds(10), MaxTextBytes = 4 * 1024 * 1024, MaxConcurrency = 1, Deadline = TimeSpan.FromSeconds(2) };
    private readonly PostgresParser _parser = new(Limits);

    public static TheoryData<string, int, ParseRefusal[]> Hostile => new()
    {
        { "plus chain", 5_000, [ParseRefusal.TooDeep] },
        { "plus chain", 9_000, [ParseRefusal.TooDeep] },
        { "plus chain", 200_000, [ParseRefusal.TooDeep] },
        { "cast chain", 9_000, [ParseRefusal.TooDeep] },
        { "union chain", 50_000, [ParseRefusal.TooDeep] },
        { "join chain", 20_000, [ParseRefusal.TooDeep] },
        { "sub-selects", 2_500, [ParseRefusal.TooDeep] },
        { "comments", 8_000, [ParseRefusal.TooDeep] },
        { "columns", 500_000, [ParseRefusal.TooLarge, ParseRefusal.TooSlow] },
        { "statements", 120_000, [ParseRefusal.TooLarge, ParseRefusal.TooSlow] },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_text_costs_one_instance_and_not_the_process(string kind, int size, ParseRefusal[] expected)
    {
        byte[] sql = Encoding.UTF8.GetBytes(Text(kind, size));
        TimeSpan start = Used();

        using ParseOutcome outcome = _parser.Parse(sql);

        TimeSpan took = Used() - start;
        output.WriteLine($"{kind} × {size}: {outcome} in {took.TotalMilliseconds:F1} ms");
        outcome.ShouldBeOfType<ParseRefused>().Reason.ShouldBeOneOf(expected);
        took.ShouldBeLessThan(TimeSpan.FromSeconds(4));
        ParsesNormally();
    }

    [Fact]
    public void Default_limits_hold_against_all_of_them()
    {
        using var parser = new PostgresParser();
        foreach (string kind in (string[])["plus chain", "cast chain", "union chain", "join chain", "not chain", "sub-selects", "parentheses", "comments", "columns", "statements", "signs"])
        {
            byte[] sql = Encoding.UTF8.GetBytes(Text(kind, 256 * 1024))[..(256 * 1024)];
            TimeSpan start = Used();

            using (ParseOutcome outcome = parser.Parse(sql))
                outcome.ShouldNotBe(new ParseRefused(ParseRefusal.Crashed), kind);

            TimeSpan took = Used() - start;
            output.WriteLine($"{kind}: {took.TotalMilliseconds:F1} ms");
            took.ShouldBeLessThan(TimeSpan.FromSeconds(2), kind);
            ParsesNormally(parser);
        }
    }

    [Theory]
    [InlineData("parentheses", 50_000, "memory exhausted at or near \"(\"")]
    [InlineData("not chain", 100_000, "memory exhausted at or near \"not\"")]
    [InlineData("sub-selects", 20_000, "memory exhausted at or near \"(\"")]
    public void Nesting_that_PostgreSQL_itself_refuses_is_its_error(string kind, int size, string message)
    {
        _parser.Parse(Encoding.UTF8.GetBytes(Text(kind, size))).ShouldBeOfType<SyntaxFault>().Message.ShouldBe(message);
        ParsesNormally();
    }

    [Theory]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql BEGIN ATOMIC SELECT 1; END")]
    [InlineData("CREATE FUNCTION f() RETURNS int RETURN 1")]
    public void Assertion_in_the_plpgsql_parser_is_an_outcome(string sql)
    {
        _parser.ParsePlpgsql(Encoding.UTF8.GetBytes(sql)).ShouldBe(new ParseRefused(ParseRefusal.Crashed));
        ParsesNormally();
    }

    [Fact]
    public void Runaway_lexer_is_stopped_at_the_deadline()
    {
        using var parser = new PostgresParser(Limits with { Deadline = TimeSpan.FromMilliseconds(100), MaxCommentNesting = int.MaxValue });
        TimeSpan start = Used();

        using ParseOutcome outcome = parser.Parse(Encoding.UTF8.GetBytes(Text("comments", 400_000)));

        outcome.ShouldBe(new ParseRefused(ParseRefusal.TooSlow));
        (Used() - start).ShouldBeInRange(TimeSpan.FromMilliseconds(95), TimeSpan.FromSeconds(2));
        ParsesNormally(parser);
    }

    [Fact]
    public void Text_beyond_the_limit_is_refused_unread()
    {
        using var parser = new PostgresParser();

        parser.Parse(new byte[256 * 1024 + 1]).ShouldBe(new ParseRefused(ParseRefusal.TooLong));
        using ParseOutcome longest = parser.Parse(Encoding.UTF8.GetBytes("select 1".PadRight(256 * 1024)));
        longest.ShouldBeOfType<ParsedScript>();
    }

    [Fact]
    public void Nul_byte_is_refused() => _parser.Parse("select 1\0; drop table t"u8).ShouldBe(new ParseRefused(ParseRefusal.ContainsNul));

    [Fact]
    public void Malformed_utf8_is_refused() => _parser.Parse([(byte)'\'', 0xC3, (byte)'\'']).ShouldBe(new ParseRefused(ParseRefusal.InvalidUtf8));

    public void Dispose() => _parser.Dispose();

    private void ParsesNormally() => ParsesNormally(_parser);

    private static void ParsesNormally(PostgresParser parser)
    {
        using ParseOutcome next = parser.Parse("select 1"u8);
        next.ShouldBeOfType<ParsedScript>().Statements.Count.ShouldBe(1);
    }

    /// <summary>The thread's processor time: what others do on the machine meanwhile does not count.</summary>
    private static TimeSpan Used() => TimeSpan.FromMicroseconds(ThreadClock.Read(ThreadClock.Current).ShouldNotBeNull() / 1000);

    private static string Text(string kind, int size) => kind switch
    {
        "plus chain" => "select 1" + Repeat("+1", size),
        "cast chain" => "select 1" + Repeat("::int", size),
        "union chain" => "select 1" + Repeat(" union select 1", size),
        "join chain" => "select * from a" + Repeat(" cross join a", size),
        "not chain" => "select " + Repeat("not ", size) + "true",
        "sub-selects" => Repeat("select (", size) + "1" + Repeat(")", size),
        "parentheses" => "select " + Repeat("(", size) + "1" + Repeat(")", size),
        "comments" => "select 1 " + Repeat("/*", size),
        "columns" => "select 1" + Repeat(",1", size),
        "statements" => Repeat("select 1;", size),
        "signs" => "select 1" + Repeat("+", size) + "1",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static string Repeat(string text, int count) => new StringBuilder(text.Length * count).Insert(0, text, count).ToString();
}
