using System.Text;
using System.Text.Json;
using Weir.Sql.Parsing;

namespace Weir.Sql.Tests.Parsing;

/// <summary>Where libpg_query reads comments otherwise than PostgreSQL, we must side with PostgreSQL.</summary>
public sealed class CommentTests(ParserFixture fixture) : IClassFixture<ParserFixture>
{
    private readonly PostgresParser _parser = fixture.Parser;

    [Theory]
    [InlineData("select 1 not /* c */ between 1 and 2")]
    [InlineData("select 1 from t order by x nulls -- c\n first")]
    [InlineData("select U&'d!0061' /* c */ uescape /* c */ '!'")]
    [InlineData("select cast(now() as time with /* c */ time zone)")]
    [InlineData("select 'a' -- c\n 'b'")]
    [InlineData("select e'a\\'' -- it's\n '\\'b'")]
    [InlineData("select /* /* nested */ */ 1 -- end")]
    public void Comment_may_stand_between_any_two_tokens(string sql)
    {
        using ParseOutcome outcome = _parser.Parse(Bytes(sql));

        outcome.ShouldBeOfType<ParsedScript>().Statements.Count.ShouldBe(1);
    }

    [Fact]
    public void Literal_goes_on_behind_a_line_comment()
    {
        using ParsedScript script = _parser.Parse("do 'begin null;' -- c\n ' drop table t; end'"u8).ShouldBeOfType<ParsedScript>();

        JsonElement argument = script.Statements[0].Node.GetProperty("DoStmt").GetProperty("args").EnumerateArray().ShouldHaveSingleItem();
        argument.GetProperty("DefElem").GetProperty("arg").GetProperty("String").GetProperty("sval").GetString().ShouldBe("begin null; drop table t; end");
    }

    [Theory]
    [InlineData("select 'a' /* c */ \n 'b'")]
    [InlineData("select 'a' /* \n */ 'b'")]
    [InlineData("select 'a' \n /* c */ 'b'")]
    [InlineData("select b'1' /**/ \n '0'")]
    public void Literal_ends_at_a_block_comment(string sql) => _parser.Parse(Bytes(sql)).ShouldBeOfType<SyntaxFault>();

    [Fact]
    public void What_looks_like_a_comment_in_a_quotation_stays()
    {
        using ParsedScript script = _parser.Parse("select '/*' as \"--\", $$ -- */ $$ /* c */"u8).ShouldBeOfType<ParsedScript>();

        string tree = script.Statements[0].Node.GetRawText();
        tree.ShouldContain("\"sval\":\"/*\"");
        tree.ShouldContain("\"name\":\"--\"");
        tree.ShouldContain("\"sval\":\" -- */ \"");
    }

    [Fact]
    public void Positions_are_those_of_the_text_with_its_comments()
    {
        _parser.Parse("/* é */ select 1 -- c\n frm t x"u8).ShouldBe(new SyntaxFault("syntax error at or near \"t\"", "42601", 28));
        using ParsedScript script = _parser.Parse("/* é */ select 1; /* x */ select 2"u8).ShouldBeOfType<ParsedScript>();
        script.Statements.Select(s => (s.Location, s.Length)).ShouldBe([(9, 8), (27, 8)]);
    }

    [Fact]
    public void Comments_in_a_plpgsql_body_are_comments()
    {
        using ParseOutcome outcome = _parser.ParsePlpgsql(
            "DO $$ BEGIN IF 1 NOT /* c */ BETWEEN 1 AND 2 THEN -- it's\n PERFORM f('--'); END IF; END $$"u8);

        outcome.ShouldBeOfType<ParsedPlpgsql>().Functions[0].GetRawText().ShouldContain("f('--')");
    }

    [Theory]
    [InlineData("select $1from t", "trailing junk after parameter at or near \"$1from\"", 8)]
    [InlineData("select 'é😀', $1from t", "trailing junk after parameter at or near \"$1from\"", 14)]
    [InlineData("select frm t x, $1from t", "syntax error at or near \"x\"", 14)]
    public void Letters_behind_a_parameter_are_an_error(string sql, string message, int position) =>
        _parser.Parse(Bytes(sql)).ShouldBe(new SyntaxFault(message, "42601", position));

    [Fact]
    public void Text_that_only_the_parser_understands_is_not_accepted()
    {
        string signs = "select 1 " + new string('+', 300) + "1";

        _parser.Parse(Bytes(signs)).ShouldBe(new ParseRefused(ParseRefusal.Ambiguous));
    }

    [Fact]
    public void Every_character_may_stand_in_a_literal()
    {
        string characters = string.Concat(Enumerable.Range(1, 0x2FF).Select(c => (char)c)).Replace("'", "''", StringComparison.Ordinal);

        using ParsedScript script = _parser.Parse(Bytes($"select '{characters}😀'")).ShouldBeOfType<ParsedScript>();

        script.Statements[0].Node.GetProperty("SelectStmt").GetProperty("targetList")[0].GetProperty("ResTarget").GetProperty("val")
            .GetProperty("A_Const").GetProperty("sval").GetProperty("sval").GetString()
            .ShouldBe(characters.Replace("''", "'", StringComparison.Ordinal) + "😀");
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
