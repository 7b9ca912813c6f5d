using Weir.Cli.Policies;

namespace Weir.Cli.Tests.Policies;

public sealed class SqlScriptTests
{
    [Theory]
    [InlineData("SELECT 1; SELECT 2", "SELECT 1|SELECT 2")]
    [InlineData("SELECT 1;;; -- nothing\n;/* ; */", "SELECT 1")]
    [InlineData("SELECT ';', \"a;b\", E'\\';', 'it''s;'; SELECT 2", "SELECT ';', \"a;b\", E'\\';', 'it''s;'|SELECT 2")]
    [InlineData("DO $x$ BEGIN PERFORM 1; END $x$; SELECT $$;$$", "DO $x$ BEGIN PERFORM 1; END $x$|SELECT $$;$$")]
    [InlineData("SELECT $1; SELECT a$b$; SELECT 3", "SELECT $1|SELECT a$b$|SELECT 3")]
    [InlineData("SELECT 1 /* a /* b; */ ; */; SELECT 2 -- c; d\n; SELECT 3", "SELECT 1 /* a /* b; */ ; */|SELECT 2 -- c; d|SELECT 3")]
    [InlineData("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3", "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)|SELECT 3")]
    [InlineData("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END|SELECT 3")]
    [InlineData("BEGIN; SELECT CASE WHEN true THEN 1 END; END; SELECT 3", "BEGIN|SELECT CASE WHEN true THEN 1 END|END|SELECT 3")]
    [InlineData("SELECT 'unterminated; SELECT 2", "SELECT 'unterminated; SELECT 2")]
    [InlineData("", "")]
    public void It_is_cut_where_psql_cuts_it(string script, string texts) =>
        string.Join('|', SqlScript.Split(script).Select(t => t.Text)).ShouldBe(texts);

    [Fact]
    public void Lines_are_those_of_the_first_word() =>
        SqlScript.Split("-- one\n\nSELECT 1;\nSELECT\n'a\nb'; SELECT 3").Select(t => t.Line).ShouldBe([3, 4, 6]);
}
