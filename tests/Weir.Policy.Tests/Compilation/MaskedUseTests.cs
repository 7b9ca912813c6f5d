using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using Weir.Policy.Documents;
using static Weir.Policy.Tests.Samples;

namespace Weir.Policy.Tests.Compilation;

public sealed class MaskedUseTests
{
    private static PolicyDocument Rule(string more) => MaskingRule("pii", $$"""{"columns":["public.customers.ssn","*.*.tax_id"],"mask":"redact"{{more}}}""");

    private static Decision Decide(ColumnReference column, string more = "", Access.Principal? by = null, string command = "SELECT")
        => Session(by ?? Ada, AccessLevel.Admin, Rule(more)).Decide(Script(Select("public.customers") with { Columns = [column], Command = command }), "", Now);

    private static ColumnReference Ssn(ColumnUse use, params (string, string)[] comparedWith) => Column("public.customers", "ssn", use, comparedWith);

    [Theory]
    [InlineData(ColumnUse.Output)]
    [InlineData(ColumnUse.Written)]
    [InlineData(ColumnUse.Output | ColumnUse.EqualityPredicate)]
    public void Showing_writing_and_comparing_with_one_value_pass_for_people(ColumnUse use) => Decide(Ssn(use)).Verdict.ShouldBe(Verdict.Allow);

    [Theory]
    [InlineData(ColumnUse.Predicate)]
    [InlineData(ColumnUse.JoinKey)]
    [InlineData(ColumnUse.OrderBy)]
    [InlineData(ColumnUse.GroupBy)]
    [InlineData(ColumnUse.Distinct)]
    [InlineData(ColumnUse.Aggregate)]
    [InlineData(ColumnUse.FunctionInput)]
    [InlineData(ColumnUse.EqualityPredicate | ColumnUse.OrderBy)]
    public void Everything_else_that_decides_about_rows_is_denied(ColumnUse use)
    {
        var decision = Decide(Ssn(use));
        decision.Verdict.ShouldBe(Verdict.Deny);
        decision.Reasons[0].Source.ShouldBe(ReasonSource.MaskingRule);
        Denial.Of(decision).Message.ShouldStartWith("weir: denied by masking rule \"pii\": customers.ssn is masked");
    }

    [Fact]
    public void Equally_classified_columns_may_be_joined_and_others_not()
    {
        Decide(Ssn(ColumnUse.EqualityPredicate | ColumnUse.JoinKey, ("public.payroll", "tax_id"))).Verdict.ShouldBe(Verdict.Allow);
        Decide(Ssn(ColumnUse.EqualityPredicate | ColumnUse.JoinKey, ("public.guesses", "value"))).Verdict.ShouldBe(Verdict.Deny);
        Decide(Ssn(ColumnUse.EqualityPredicate, ("public.payroll", "tax_id"), ("public.guesses", "value"))).Verdict.ShouldBe(Verdict.Deny);
    }

    [Fact]
    public void An_ai_agent_may_not_even_compare()
    {
        Decide(Ssn(ColumnUse.EqualityPredicate), by: Bot).Verdict.ShouldBe(Verdict.Deny);
        Decide(Ssn(ColumnUse.Output), by: Bot).Verdict.ShouldBe(Verdict.Allow);
        Decide(Ssn(ColumnUse.EqualityPredicate), """,{"use":"equality-only"}""".Replace("{", "").Replace("}", ""), Bot).Verdict.ShouldBe(Verdict.Allow);
    }

    [Theory]
    [InlineData("allow", Verdict.Allow)]
    [InlineData("review", Verdict.Review)]
    [InlineData("deny", Verdict.Deny)]
    public void The_rule_may_say_otherwise(string use, Verdict verdict)
    {
        var decision = Decide(Ssn(ColumnUse.OrderBy), $",\"use\":\"{use}\"");
        decision.Verdict.ShouldBe(verdict);
        if (verdict == Verdict.Review)
            decision.Review.ShouldBe(ReviewTerms.Default);
    }

    [Fact]
    public void A_masked_column_is_not_copied_to_where_no_mask_is_even_if_its_use_is_free()
        => Decide(Ssn(ColumnUse.CopiedTo), ",\"use\":\"allow\"").Verdict.ShouldBe(Verdict.Deny);

    [Fact]
    public void Whole_rows_count_as_every_masked_column_in_them()
    {
        Decide(Column("public.customers", "*", ColumnUse.OrderBy)).Verdict.ShouldBe(Verdict.Deny);
        Decide(Column("public.customers", "country", ColumnUse.OrderBy)).Verdict.ShouldBe(Verdict.Allow);
    }

    [Fact]
    public void An_ambiguous_relation_counts_as_the_masked_one()
        => Decide(new ColumnReference([Name("public.other"), Name("public.customers")], "ssn", ColumnUse.OrderBy, [])).Verdict.ShouldBe(Verdict.Deny);

    [Fact]
    public void A_plan_of_a_comparison_between_equal_columns_may_be_seen_under_deny()
    {
        Decide(Ssn(ColumnUse.EqualityPredicate, ("public.customers", "ssn")), ",\"use\":\"deny\"", command: "EXPLAIN").Verdict.ShouldBe(Verdict.Allow);
        Decide(Ssn(ColumnUse.EqualityPredicate), ",\"use\":\"deny\"", command: "EXPLAIN").Verdict.ShouldBe(Verdict.Deny);
        Decide(Ssn(ColumnUse.Predicate), ",\"use\":\"deny\"", command: "EXPLAIN").Verdict.ShouldBe(Verdict.Deny);
    }

    [Theory]
    [InlineData("mask", Verdict.Allow)]
    [InlineData("review", Verdict.Review)]
    [InlineData("deny", Verdict.Deny)]
    public void Answers_of_unprovable_lineage_follow_the_rule(string unprovable, Verdict verdict)
    {
        var session = Session(AccessLevel.Admin, Rule($",\"unprovable\":\"{unprovable}\""));
        var opaque = Select() with { Functions = [Function("public.find_ssn")], ResultColumns = [new ResultColumn("f", [], false, false)] };
        session.Decide(Script(opaque), "", Now).Verdict.ShouldBe(verdict);
        session.Decide(Script(Select("public.customers") with { IsLineageProvable = false }), "", Now).Verdict.ShouldBe(verdict);
        session.Decide(Script(Select("public.orders") with { ReadsOpaqueSource = true }), "", Now).Verdict.ShouldBe(verdict);
    }

    [Fact]
    public void What_can_only_come_from_harmless_relations_is_not_held_back()
    {
        var narrow = Session(AccessLevel.Admin, MaskingRule("pii", """{"columns":["public.customers.ssn"],"unprovable":"deny"}"""));
        narrow.Decide(Script(Select("public.orders") with { IsLineageProvable = false }), "", Now).Verdict.ShouldBe(Verdict.Allow);
    }

    [Fact]
    public void Principals_in_an_excepted_group_see_and_use_everything()
        => Decide(Ssn(ColumnUse.OrderBy), ",\"exceptGroups\":[\"engineers\"]").Verdict.ShouldBe(Verdict.Allow);
}
