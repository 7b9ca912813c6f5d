using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Decisions;
using Weir.Policy.Documents;
using static Weir.Policy.Tests.Samples;

namespace Weir.Policy.Tests.Compilation;

public sealed class GuardrailTests
{
    private static Decision Decide(StatementAnalysis statement, params PolicyDocument[] rules) => Session(AccessLevel.Admin, rules).Decide(Script(statement), "", Now);

    private static Verdict VerdictOf(StatementAnalysis statement, string when)
        => Decide(statement, Guardrail("g", $$"""{"when":{{when}},"action":"deny"}""")).Verdict;

    private static void ShouldMatch(StatementAnalysis statement, string when) => VerdictOf(statement, when).ShouldBe(Verdict.Deny);

    private static void ShouldPass(StatementAnalysis statement, string when) => VerdictOf(statement, when).ShouldBe(Verdict.Allow);

    [Fact]
    public void The_denial_carries_the_rules_name_message_and_hint()
    {
        var decision = Decide(Statement("DROP TABLE", Effects.Drop), Guardrail("no-ddl", """{"when":{"effects":["drop"]},"action":"deny","message":"Ship a migration."}"""));
        var denial = Denial.Of(decision);
        denial.ShouldBe(new Denial("42501", "weir: denied by guardrail \"no-ddl\": Ship a migration.", denial.Hint, "no-ddl"));
        denial.Hint.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void An_effect_on_a_relation_must_fall_on_that_relation()
    {
        const string when = """{"effects":["delete"],"relations":["public.orders"]}""";
        ShouldMatch(Delete("public.orders"), when);
        ShouldPass(Statement("DELETE", Effects.Delete | Effects.Read, On(Effects.Delete, "public.x"), On(Effects.Read, "public.orders")), when);
        ShouldPass(Select("public.orders"), when);
    }

    [Fact]
    public void An_ambiguous_name_matches_every_rule_it_could_mean()
    {
        const string when = """{"effects":["delete"],"relations":["public.orders"]}""";
        ShouldMatch(Statement("DELETE", Effects.Delete, On(Effects.Delete, "evil.orders", "public.orders")), when);
        ShouldMatch(Delete("orders"), when);
        ShouldPass(Delete("evil.orders"), when);
    }

    [Fact]
    public void A_write_that_no_relation_accounts_for_could_be_on_any()
    {
        ShouldMatch(Statement("X", Effects.Delete), """{"effects":["delete"],"relations":["public.orders"]}""");
        ShouldPass(Statement("SELECT", Effects.Read), """{"effects":["read"],"relations":["public.orders"]}""");
    }

    [Fact]
    public void Relations_alone_match_any_touch() => ShouldMatch(Select("public.orders"), """{"relations":["*.ord*"]}""");

    [Fact]
    public void Columns_match_through_uses_and_through_lineage()
    {
        const string when = """{"columns":["*.*.ssn"]}""";
        ShouldMatch(Select("public.c") with { Columns = [Column("public.c", "ssn", ColumnUse.Predicate)] }, when);
        ShouldMatch(Select("public.c") with { ResultColumns = [Result("public.c", "ssn", isIdentity: false)] }, when);
        ShouldMatch(Select("public.c") with { Columns = [Column("public.c", "*", ColumnUse.Output)] }, when);
        ShouldMatch(Select("public.c") with { IsLineageProvable = false }, when);
        ShouldPass(Select("public.c") with { Columns = [Column("public.c", "id", ColumnUse.Output)], ResultColumns = [Result("public.c", "id")] }, when);
    }

    [Fact]
    public void Functions_match_with_and_without_schema()
    {
        var sleep = Select() with { Functions = [Function("pg_catalog.pg_sleep")] };
        ShouldMatch(sleep, """{"functions":["pg_sleep"]}""");
        ShouldMatch(sleep, """{"functions":["pg_catalog.pg_*"]}""");
        ShouldPass(sleep, """{"functions":["public.pg_sleep"]}""");
        ShouldMatch(Select() with { Functions = [Function("pg_sleep")] }, """{"functions":["public.pg_sleep"]}""");
    }

    [Fact]
    public void Without_where_means_that_no_real_predicate_limits_the_rows()
    {
        const string when = """{"effects":["delete"],"withoutWhere":true}""";
        ShouldMatch(Delete("public.orders", RowLimit.Unlimited), when);
        ShouldPass(Delete("public.orders"), when);
        ShouldPass(Select("public.orders"), when);
    }

    [Fact]
    public void A_statement_pattern_sees_its_own_statement_only()
    {
        var rule = Guardrail("g", """{"when":{"statementPattern":"(?i)nolock"},"action":"deny"}""");
        const string text = "SELECT 'é'; SELECT NoLock";
        var first = Select() with { Start = 0, Length = 11 };
        var second = Select() with { Start = 13, Length = 13 };
        var session = Session(AccessLevel.Read, rule);
        session.Decide(Script(first), text, Now).Verdict.ShouldBe(Verdict.Allow);
        session.Decide(Script(first, second), text, Now).Verdict.ShouldBe(Verdict.Deny);
    }

    [Fact]
    public void Settings_match_by_name_and_value()
    {
        var set = Statement("SET", Effects.Session) with { Settings = [new SettingChange("row_security", "off", false)] };
        ShouldMatch(set, """{"settings":["row_security=off"]}""");
        ShouldPass(set, """{"settings":["role"]}""");
    }

    [Fact]
    public void A_schedule_holds_in_its_minutes_and_makes_decisions_time_dependent()
    {
        var session = Session(AccessLevel.Admin, Guardrail("freeze", """{"when":{"effects":["update"],"schedule":["* 10 * * *"]},"action":"deny"}"""));
        session.IsTimeDependent.ShouldBeTrue();
        var update = Statement("UPDATE", Effects.Update);
        session.Decide(Script(update), "", Now).Verdict.ShouldBe(Verdict.Deny);
        session.Decide(Script(update), "", Now.AddHours(1)).Verdict.ShouldBe(Verdict.Allow);
        Session(AccessLevel.Admin).IsTimeDependent.ShouldBeFalse();
    }

    [Fact]
    public void All_conditions_must_hold()
    {
        const string when = """{"effects":["delete"],"relations":["public.orders"],"withoutWhere":true}""";
        ShouldMatch(Delete("public.orders", RowLimit.Unlimited), when);
        ShouldPass(Delete("public.orders"), when);
        ShouldPass(Delete("public.x", RowLimit.Unlimited), when);
    }

    [Fact]
    public void Within_a_priority_deny_beats_review_beats_allow_and_all_reasons_are_kept()
    {
        var decision = Decide(
            Delete("public.orders"),
            Guardrail("a-allow", """{"when":{"effects":["delete"]},"action":"allow"}"""),
            Guardrail("b-review", """{"when":{"effects":["delete"]},"action":"review","review":{"reviewers":["dba"]}}"""),
            Guardrail("d-deny", """{"when":{"effects":["delete"]},"action":"deny"}"""),
            Guardrail("c-deny", """{"when":{"effects":["delete"]},"action":"deny"}"""));
        decision.Verdict.ShouldBe(Verdict.Deny);
        decision.Reasons.Select(r => r.Rule).ShouldBe(["c-deny", "d-deny", "a-allow", "b-review"], ignoreOrder: true);
        decision.Reasons.Take(2).Select(r => r.Rule).ShouldBe(["c-deny", "d-deny"]);
        decision.Review.ShouldBeNull();
    }

    [Fact]
    public void An_allow_of_higher_priority_is_an_exception()
    {
        var deny = Guardrail("deny", """{"when":{"effects":["delete"]},"action":"deny"}""");
        var allow = Guardrail("except", """{"when":{"effects":["delete"],"relations":["public.scratch*"]},"action":"allow","priority":10}""");
        Decide(Delete("public.scratch1"), deny, allow).Verdict.ShouldBe(Verdict.Allow);
        Decide(Delete("public.orders"), deny, allow).Verdict.ShouldBe(Verdict.Deny);
    }

    [Fact]
    public void An_exception_does_not_carry_other_effects_past_the_rules()
    {
        var deny = Guardrail("deny", """{"when":{"effects":["delete"]},"action":"deny"}""");
        var onTable = Guardrail("except", """{"when":{"effects":["delete"],"relations":["public.scratch"]},"action":"allow","priority":10}""");
        var onFunction = Guardrail("except", """{"when":{"functions":["pg_sleep"]},"action":"allow","priority":10}""");
        var both = Statement("DELETE", Effects.Delete, On(Effects.Delete, "public.scratch"), On(Effects.Delete, "public.orders"));
        Decide(both, deny, onTable).Verdict.ShouldBe(Verdict.Deny);
        Decide(Statement("DELETE", Effects.Delete, On(Effects.Delete, "public.scratch", "public.orders")), deny, onTable).Verdict.ShouldBe(Verdict.Deny, "the name is ambiguous");
        Decide(Delete("public.orders") with { Functions = [Function("pg_catalog.pg_sleep")] }, deny, onFunction).Verdict.ShouldBe(Verdict.Deny);

        var reviewCalls = Guardrail("calls", """{"when":{"effects":["call"]},"action":"deny"}""");
        var allowOne = Guardrail("except", """{"when":{"functions":["public.tally"]},"action":"allow","priority":10}""");
        var one = Statement("SELECT", Effects.Read | Effects.Call) with { Functions = [Function("public.tally", mayWrite: true)] };
        Decide(one, reviewCalls, allowOne).Verdict.ShouldBe(Verdict.Allow);
        Decide(one with { Functions = [.. one.Functions, Function("public.purge", mayWrite: true)] }, reviewCalls, allowOne).Verdict.ShouldBe(Verdict.Deny);
    }

    [Fact]
    public void A_deny_of_lower_priority_than_a_review_does_not_decide_but_is_kept()
    {
        var decision = Decide(
            Delete("public.orders"),
            Guardrail("deny", """{"when":{"effects":["delete"]},"action":"deny"}"""),
            Guardrail("review", """{"when":{"effects":["delete"]},"action":"review","review":{"reviewers":["dba"],"approvals":2},"priority":1}"""));
        decision.Verdict.ShouldBe(Verdict.Review);
        decision.Reasons.Select(r => r.Rule).ShouldBe(["review", "deny"]);
        decision.Review!.Approvals.ShouldBe(2);
    }

    [Fact]
    public void Of_several_reviews_the_first_by_priority_and_then_name_sets_the_terms()
    {
        var b = Guardrail("b", """{"when":{"effects":["delete"]},"action":"review","review":{"reviewers":["b"]}}""");
        var a = Guardrail("a", """{"when":{"effects":["delete"]},"action":"review","review":{"reviewers":["a"]}}""");
        Decide(Delete("public.x"), b, a).Review!.Reviewers.ShouldBe(["a"]);
    }

    [Fact]
    public void A_shadow_rule_is_recorded_and_decides_nothing()
    {
        var decision = Decide(Delete("public.x"), Guardrail("watch", """{"when":{"effects":["delete"]},"action":"deny","shadow":true}"""));
        decision.Verdict.ShouldBe(Verdict.Allow);
        decision.Reasons.Single().ShouldSatisfyAllConditions(r => r.IsShadow.ShouldBeTrue(), r => r.Verdict.ShouldBe(Verdict.Deny));
    }

    [Fact]
    public void A_text_is_one_unit_and_its_strictest_statement_decides()
    {
        var rule = Guardrail("g", """{"when":{"effects":["drop"]},"action":"deny"}""");
        var decision = Session(AccessLevel.Admin, rule).Decide(Script(Select("public.x"), Statement("DROP TABLE", Effects.Drop), Select("public.y")), "", Now);
        decision.Verdict.ShouldBe(Verdict.Deny);
        Denial.Of(decision).ConstraintName.ShouldBe("g");
        Session(AccessLevel.Admin, rule).Decide(Script(), "", Now).Verdict.ShouldBe(Verdict.Allow);
    }

    [Fact]
    public void What_a_statement_carries_inside_is_judged_too()
    {
        var prepare = Statement("PREPARE", Effects.Session) with { Inner = Delete("public.orders", RowLimit.Unlimited) };
        ShouldMatch(prepare, """{"effects":["delete"],"withoutWhere":true}""");
    }

    [Fact]
    public void An_estimate_is_asked_for_only_where_it_could_make_the_verdict_stricter()
    {
        var rule = Guardrail("big", """{"when":{"effects":["update"],"estimatedRowsOver":1000},"action":"deny"}""");
        var update = Statement("UPDATE", Effects.Update);
        var decision = Decide(update, rule);
        decision.Verdict.ShouldBe(Verdict.Allow);
        decision.EstimateOver.Single().RowsOver.ShouldBe(1000);
        decision.EstimateOver.Single().Reason.Rule.ShouldBe("big");
        Decide(update, rule, Guardrail("all", """{"when":{"effects":["update"]},"action":"deny"}""")).EstimateOver.ShouldBeEmpty();
        Decide(update, rule, Guardrail("except", """{"when":{"effects":["update"]},"action":"allow","priority":1}""")).EstimateOver.ShouldBeEmpty();
        Decide(Select(), rule).EstimateOver.ShouldBeEmpty();
    }

    [Fact]
    public void Rules_hold_for_their_principals_and_connections_only()
    {
        var ai = Guardrail("ai", """{"principals":{"kinds":["ai_agent"]},"when":{"effects":["delete"]},"action":"deny"}""");
        Session(Ada, AccessLevel.Admin, ai).Decide(Script(Delete("public.x")), "", Now).Verdict.ShouldBe(Verdict.Allow);
        Session(Bot, AccessLevel.Admin, ai).Decide(Script(Delete("public.x")), "", Now).Verdict.ShouldBe(Verdict.Deny);
        var dev = Guardrail("dev", """{"connections":{"labels":{"env":"dev"}},"when":{"effects":["delete"]},"action":"deny"}""");
        Decide(Delete("public.x"), dev).Verdict.ShouldBe(Verdict.Allow);
        var prod = Guardrail("prod", """{"connections":{"labels":{"env":"prod"}},"when":{"effects":["delete"]},"action":"deny"}""");
        Decide(Delete("public.x"), prod).Verdict.ShouldBe(Verdict.Deny);
    }

    [Fact]
    public void The_digest_changes_with_the_rules_that_applied_and_with_no_others()
    {
        static byte[] DigestOf(params PolicyDocument[] rules) => Decide(Delete("public.x"), rules).Digest.ToArray();
        var rule = Guardrail("a", """{"when":{"effects":["delete"]},"action":"review","review":{"reviewers":["dba"]}}""");
        var other = Guardrail("b", """{"when":{"effects":["drop"]},"action":"deny"}""");
        var changed = Guardrail("a", """{"when":{"effects":["delete"]},"action":"review","review":{"reviewers":["ops"]}}""");
        DigestOf(rule).ShouldBe(DigestOf(rule, other));
        DigestOf(rule).ShouldNotBe(DigestOf(changed));
    }

    [Fact]
    public void The_tightest_budget_of_each_scope_counts()
    {
        var session = Session(
            AccessLevel.Admin,
            Guardrail("a", """{"budget":{"rowsChanged":100,"per":"transaction","onExceed":"review"},"review":{"reviewers":["dba"]}}"""),
            Guardrail("b", """{"budget":{"rowsChanged":50,"rowsRead":10,"per":"transaction"}}"""),
            Guardrail("c", """{"budget":{"bytesRead":7,"per":"session"}}"""),
            Guardrail("shadow", """{"budget":{"rowsChanged":1},"shadow":true}"""));
        session.TransactionBudget.ShouldBe(new BudgetTerms(50, 10, null, BudgetScope.Transaction, BudgetExceeded.Rollback));
        session.SessionBudget!.BytesRead.ShouldBe(7);
        session.StatementBudget.ShouldBeNull();
        session.Budgets.Single(b => b.Guardrail == "a").Review!.Reviewers.ShouldBe(["dba"]);
    }

    [Fact]
    public void A_rule_among_a_thousand_others_is_found()
    {
        var rules = Enumerable.Range(0, 1000).Select(i => Guardrail($"r{i}", $$"""{"when":{"effects":["delete"],"relations":["app{{i}}.t{{i}}_*"]},"action":"deny"}"""));
        var session = Session(AccessLevel.Admin, rules);
        session.Decide(Script(Delete("app77.t77_x")), "", Now).Reasons.Single().Rule.ShouldBe("r77");
        session.Decide(Script(Delete("app77.t78_x")), "", Now).Reasons.ShouldBeEmpty();
    }

    [Fact]
    public void Sessions_of_equal_principals_share_one_policy()
    {
        var policy = Compile();
        var right = new AccessRight(AccessLevel.Read, Effects.None, null, null);
        policy.ForSession(Ada, "orders", right).ShouldBeSameAs(policy.ForSession(Ada with { Groups = ["engineers"] }, "orders", right));
        policy.ForSession(Ada, "orders", right).ShouldNotBeSameAs(policy.ForSession(Bot, "orders", right));
    }

    [Fact]
    public void A_snapshot_with_a_pack_that_does_not_ship_is_refused_whole()
    {
        var pack = (GuardrailPackDocument)Document("GuardrailPack", "p", """{"pack":"postgres-baseline"}""");
        Should.Throw<PolicyCompilationException>(() => Compile(pack with { Pack = "future-pack" })).Faults.Single().Path.ShouldBe("GuardrailPack/p");
    }
}
