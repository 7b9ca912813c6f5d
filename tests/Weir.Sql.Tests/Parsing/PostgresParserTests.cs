using Weir.Sql.Parsing;

namespace Weir.Sql.Tests.Parsing;

public sealed class PostgresParserTests(ParserFixture fixture) : IClassFixture<ParserFixture>
{
    private readonly PostgresParser _parser = fixture.Parser;

    [Fact]
    public void Select_gives_its_tree()
    {
        using ParsedScript script = _parser.Parse("SELECT a FROM t WHERE id = 7"u8).ShouldBeOfType<ParsedScript>();

        ParsedStatement statement = script.Statements.ShouldHaveSingleItem();
        statement.NodeType.ShouldBe("SelectStmt");
        statement.Node.GetProperty("SelectStmt").GetProperty("fromClause")[0].GetProperty("RangeVar").GetProperty("relname").GetString().ShouldBe("t");
        script.Root.GetProperty("version").GetInt32().ShouldBe(180004);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData(" ", 0)]
    [InlineData(";;", 0)]
    [InlineData("-- nothing", 0)]
    [InlineData("/* nothing */;", 0)]
    [InlineData("select 1; select 2", 2)]
    [InlineData("select 1;;select 2;", 2)]
    public void Text_is_split_into_its_statements(string sql, int count)
    {
        using ParsedScript script = _parser.Parse(Bytes(sql)).ShouldBeOfType<ParsedScript>();

        script.Statements.Count.ShouldBe(count);
    }

    [Fact]
    public void Statements_tell_where_they_stand_in_bytes()
    {
        using ParsedScript script = _parser.Parse(Bytes("select 'é'; drop table t")).ShouldBeOfType<ParsedScript>();

        script.Statements.Select(s => (s.NodeType, s.Location, s.Length)).ShouldBe([("SelectStmt", 0, 11), ("DropStmt", 13, 12)]);
    }

    [Theory]
    [InlineData("SELEC 1", "syntax error at or near \"SELEC\"", 1)]
    [InlineData("select 'é' x form t", "syntax error at or near \"form\"", 14)]
    [InlineData("select 'é', 1 from", "syntax error at end of input", 19)]
    public void Syntax_error_is_the_one_PostgreSQL_gives(string sql, string message, int position)
    {
        var fault = _parser.Parse(Bytes(sql)).ShouldBeOfType<SyntaxFault>();

        fault.ShouldBe(new SyntaxFault(message, "42601", position));
    }

    [Fact]
    public void Plpgsql_body_gives_its_tree()
    {
        using ParsedPlpgsql body = _parser.ParsePlpgsql(
            "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'drop table t'; END $$"u8)
            .ShouldBeOfType<ParsedPlpgsql>();

        body.Functions[0].GetProperty("PLpgSQL_function").GetRawText().ShouldContain("PLpgSQL_stmt_dynexecute");
    }

    [Fact]
    public void Plpgsql_body_with_an_error_is_a_fault()
    {
        var fault = _parser.ParsePlpgsql("DO $$ BEGIN IF; END $$"u8).ShouldBeOfType<SyntaxFault>();

        fault.ShouldBe(new SyntaxFault("missing \"THEN\" at end of SQL expression", "42601", 0));
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
