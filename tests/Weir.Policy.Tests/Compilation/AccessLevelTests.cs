using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Decisions;
using static Weir.Policy.Tests.Samples;

namespace Weir.Policy.Tests.Compilation;

public sealed class AccessLevelTests
{
    private static Decision Decide(AccessLevel level, StatementAnalysis statement) => Session(level).Decide(Script(statement), "", Now);

    [Theory]
    [InlineData(AccessLevel.Read, Effects.Read, Verdict.Allow)]
    [InlineData(AccessLevel.Read, Effects.CopyOut, Verdict.Allow)]
    [InlineData(AccessLevel.Read, Effects.Session, Verdict.Allow)]
    [InlineData(AccessLevel.Read, Effects.Insert, Verdict.Deny)]
    [InlineData(AccessLevel.Read, Effects.Call, Verdict.Deny)]
    [InlineData(AccessLevel.Read, Effects.Lock, Verdict.Deny)]
    [InlineData(AccessLevel.Write, Effects.Delete | Effects.Read, Verdict.Allow)]
    [InlineData(AccessLevel.Write, Effects.Notify, Verdict.Allow)]
    [InlineData(AccessLevel.Write, Effects.Create, Verdict.Deny)]
    [InlineData(AccessLevel.Write, Effects.Dynamic, Verdict.Deny)]
    [InlineData(AccessLevel.Write, Effects.Maintenance, Verdict.Deny)]
    [InlineData(AccessLevel.Admin, Effects.Drop | Effects.Grant | Effects.Dynamic, Verdict.Allow)]
    [InlineData(AccessLevel.Admin, Effects.Program, Verdict.Deny)]
    [InlineData(AccessLevel.Admin, Effects.Replication, Verdict.Deny)]
    [InlineData(AccessLevel.Admin, Effects.Unknown, Verdict.Deny)]
    [InlineData(AccessLevel.None, Effects.Read, Verdict.Deny)]
    public void Each_level_allows_its_effects_and_no_others(AccessLevel level, Effects effects, Verdict verdict)
        => Decide(level, Statement("X", effects)).Verdict.ShouldBe(verdict);

    [Fact]
    public void The_denial_says_which_level_denied_and_which_is_needed()
    {
        var denial = Denial.Of(Decide(AccessLevel.Read, Delete("public.orders")));
        denial.SqlState.ShouldBe("42501");
        denial.Message.ShouldStartWith("weir: denied by access level \"read\": ");
        denial.Message.ShouldContain("DELETE needs \"write\"");
        denial.Hint!.ShouldContain("weir requests create");
        denial.ConstraintName.ShouldBeNull();
    }

    [Fact]
    public void Temporary_tables_belong_to_level_write()
    {
        var create = Statement("CREATE TABLE", Effects.Create, On(Effects.Create, "pg_temp.scratch"));
        Decide(AccessLevel.Write, create).Verdict.ShouldBe(Verdict.Allow);
        Decide(AccessLevel.Read, create).Verdict.ShouldBe(Verdict.Deny);
        Decide(AccessLevel.Write, Statement("DROP TABLE", Effects.Drop, On(Effects.Drop, "pg_temp_3.scratch"))).Verdict.ShouldBe(Verdict.Allow);
    }

    [Fact]
    public void A_statement_that_drops_another_table_besides_a_temporary_one_is_beyond_write()
    {
        Decide(AccessLevel.Write, Statement("DROP TABLE", Effects.Drop, On(Effects.Drop, "pg_temp.a"), On(Effects.Drop, "public.b"))).Verdict.ShouldBe(Verdict.Deny);
        Decide(AccessLevel.Write, Statement("DROP TABLE", Effects.Drop, On(Effects.Drop, "pg_temp.a", "public.a"))).Verdict.ShouldBe(Verdict.Deny);
        Decide(AccessLevel.Write, Statement("DROP FUNCTION", Effects.Drop)).Verdict.ShouldBe(Verdict.Deny);
        Decide(AccessLevel.Write, Statement("DROP TABLE", Effects.Drop, On(Effects.Drop, "pg_tempting.a"))).Verdict.ShouldBe(Verdict.Deny);
    }

    [Theory]
    [InlineData("transaction_read_only", "off", Verdict.Deny)]
    [InlineData("default_transaction_read_only", "no", Verdict.Deny)]
    [InlineData("transaction_read_only", null, Verdict.Deny)]
    [InlineData("", null, Verdict.Deny)]
    [InlineData("transaction_read_only", "on", Verdict.Allow)]
    [InlineData("search_path", "public", Verdict.Allow)]
    [InlineData("*", null, Verdict.Allow)]
    public void Level_read_keeps_its_transactions_read_only(string setting, string? value, Verdict verdict)
    {
        var set = Statement("SET", Effects.Session) with { Settings = [new SettingChange(setting, value, false)] };
        Decide(AccessLevel.Read, set).Verdict.ShouldBe(verdict);
        Decide(AccessLevel.Write, set).Verdict.ShouldBe(Verdict.Allow);
    }

    [Fact]
    public void Program_passes_only_by_a_rule_that_names_it_and_only_where_that_rule_matches()
    {
        var named = Guardrail("files", """{"when":{"effects":["program"],"relations":["public.imports"]},"action":"allow"}""");
        var other = Guardrail("any", """{"when":{"relations":["*.*"]},"action":"allow"}""");
        var import = Statement("COPY", Effects.Program | Effects.CopyIn, On(Effects.Program | Effects.CopyIn, "public.imports"));
        var elsewhere = Statement("COPY", Effects.Program | Effects.CopyIn, On(Effects.Program | Effects.CopyIn, "public.orders"));
        var files = Guardrail("files", """{"when":{"effects":["program","copy_in"],"relations":["public.imports"]},"action":"allow"}""");
        Session(AccessLevel.Admin, files).Decide(Script(import), "", Now).Verdict.ShouldBe(Verdict.Allow);
        Session(AccessLevel.Admin, files).Decide(Script(elsewhere), "", Now).Verdict.ShouldBe(Verdict.Deny);
        Session(AccessLevel.Admin, named).Decide(Script(import), "", Now).Verdict.ShouldBe(Verdict.Deny, "it also copies in, which the rule does not name");
        Session(AccessLevel.Admin, other).Decide(Script(import), "", Now).Verdict.ShouldBe(Verdict.Deny);
        Session(AccessLevel.Read, files).Decide(Script(import), "", Now).Verdict.ShouldBe(Verdict.Deny, "copying in is still beyond read");
    }

    [Fact]
    public void An_unknown_construct_is_named_and_no_rule_allows_it()
    {
        var anything = Guardrail("any", """{"when":{"effects":["unknown","read"]},"action":"allow","priority":100}""");
        var decision = Session(AccessLevel.Admin, anything).Decide(Script(Statement("SELECT", Effects.Unknown | Effects.Read) with { Notes = ["node FutureExpr"] }), "", Now);
        decision.Verdict.ShouldBe(Verdict.Deny);
        decision.Reasons[0].Source.ShouldBe(ReasonSource.Gateway);
        decision.Reasons[0].Message.ShouldContain("FutureExpr");
    }
}
