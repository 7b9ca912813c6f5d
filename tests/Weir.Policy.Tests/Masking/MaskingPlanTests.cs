using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Policy.Documents;
using Weir.Policy.Masking;
using static Weir.Policy.Tests.Samples;

namespace Weir.Policy.Tests.Masking;

public sealed class MaskingPlanTests
{
    private static readonly SessionPolicy Policy = Session(
        AccessLevel.Admin,
        MaskingRule("pii", """{"columns":["public.customers.ssn","public.customers.email"],"mask":{"partial":{"keepLast":4}}}"""),
        MaskingRule("keys", """{"columns":["*.secrets.*"],"mask":"nullify"}"""),
        MaskingRule("cards", """{"columns":["*.*.credit_card"],"mask":"hash"}"""));

    private static MaskingPlan Plan(params ResultColumn[] columns) => Policy.PlanMasking(Select("public.customers") with { ResultColumns = [.. columns] });

    [Fact]
    public void A_masked_column_carries_its_own_mask_under_any_name()
    {
        var plan = Plan(Result("public.customers", "id"), Result("public.customers", "ssn") with { Name = "harmless" });
        plan.Columns[0].ShouldBeNull();
        plan.Columns[1]!.Mask.Spec.ShouldBe(new MaskSpec(MaskKind.Partial, KeepLast: 4));
        plan.Columns[1]!.Mask.Rule.ShouldBe("pii");
        plan.Columns[1]!.Layer.ShouldBe(MaskLayer.Lineage);
        plan.HasMasks.ShouldBeTrue();
    }

    [Fact]
    public void A_rule_that_matches_nothing_of_a_database_is_named()
    {
        var policy = Compile(
            MaskingRule("pii", """{"columns":["public.customers.ssn","*.*.email"]}"""),
            MaskingRule("gone", """{"columns":["public.customers.passport"]}"""),
            MaskingRule("content", """{"detect":["email"]}"""));
        policy.IdleMaskingRules("orders", [(Name("public.customers"), "id"), (Name("public.customers"), "ssn")]).ShouldBe(["gone"]);
        policy.IdleMaskingRules("orders", []).ShouldBe(["gone", "pii"]);
        policy.IdleMaskingRules("elsewhere", []).ShouldBeEmpty();
    }

    [Fact]
    public void What_is_computed_from_a_masked_column_is_redacted()
    {
        var plan = Plan(Result("public.customers", "ssn", isIdentity: false));
        plan.Columns[0]!.Mask.Spec.ShouldBe(new MaskSpec(MaskKind.Redact) { IsOpaque = true });
        plan.Columns[0]!.Layer.ShouldBe(MaskLayer.Derived);
    }

    [Fact]
    public void A_whole_row_is_masked_when_any_of_its_columns_is()
    {
        Plan(Result("public.customers", "*")).Columns[0]!.Layer.ShouldBe(MaskLayer.Derived);
        Plan(Result("public.orders", "*")).Columns[0]!.Mask.Rule.ShouldBe("cards", "orders may have a column credit_card");
    }

    [Fact]
    public void Of_several_sources_the_strictest_mask_counts()
    {
        var both = new ResultColumn("x", [new ColumnSource(Name("public.customers"), 0, "ssn"), new ColumnSource(Name("app.secrets"), 0, "v")], true, true);
        Plan(both).Columns[0]!.Mask.Spec.Kind.ShouldBe(MaskKind.Nullify);
        var union = new ResultColumn("x", [new ColumnSource(Name("public.orders"), 0, "status"), new ColumnSource(Name("public.customers"), 0, "email")], true, true);
        Plan(union).Columns[0]!.Mask.Spec.Kind.ShouldBe(MaskKind.Partial);
    }

    [Fact]
    public void An_unprovable_column_is_masked_and_its_neighbours_are_not()
    {
        var plan = Policy.PlanMasking(Select("public.orders") with
        {
            Functions = [Function("public.find")],
            ResultColumns = [Result("public.orders", "id"), new ResultColumn("find", [], false, false)],
        });
        plan.Columns[0].ShouldBeNull();
        plan.Columns[1]!.Layer.ShouldBe(MaskLayer.Unprovable);
    }

    [Fact]
    public void An_answer_of_unprovable_shape_is_masked_whole()
    {
        var plan = Policy.PlanMasking(Select("public.customers") with { IsLineageProvable = false, ResultColumns = default });
        plan.WholeAnswer!.Layer.ShouldBe(MaskLayer.Unprovable);
        plan.Reconcile(17, null, null).ShouldBe(plan.WholeAnswer);
        Policy.PlanMasking(Select() with { ReadsOpaqueSource = true, ResultColumns = [new ResultColumn("x", [], true, false)] }).WholeAnswer.ShouldNotBeNull();
    }

    [Fact]
    public void A_column_that_the_plan_does_not_know_is_masked()
        => Plan(Result("public.customers", "id")).Reconcile(1, null, null)!.Layer.ShouldBe(MaskLayer.Unprovable);

    [Fact]
    public void Origin_masks_where_lineage_did_not()
    {
        var plan = Plan(Result("public.orders", "note"));
        plan.Reconcile(0, null, null).ShouldBeNull();
        plan.Reconcile(0, Name("public.orders"), "note").ShouldBeNull();
        plan.Reconcile(0, Name("public.customers"), "ssn")!.ShouldSatisfyAllConditions(
            m => m.Layer.ShouldBe(MaskLayer.Origin),
            m => m.Mask.Rule.ShouldBe("pii"));
        plan.ReconcileUnknownOrigin(0)!.Layer.ShouldBe(MaskLayer.Unprovable);
    }

    [Fact]
    public void Origin_never_loosens_what_lineage_found()
    {
        var plan = Plan(Result("public.customers", "ssn", isIdentity: false));
        plan.Reconcile(0, Name("public.orders"), "note").ShouldBe(plan.Columns[0]);
        plan.Reconcile(0, Name("public.customers"), "ssn").ShouldBe(plan.Columns[0]);
    }

    [Fact]
    public void Without_masking_rules_nothing_is_planned()
    {
        var session = Session(AccessLevel.Admin);
        session.HasMasking.ShouldBeFalse();
        session.PlanMasking(Select("public.customers") with { IsLineageProvable = false }).ShouldBeSameAs(MaskingPlan.None);
        MaskingPlan.None.Reconcile(3, Name("public.customers"), "ssn").ShouldBeNull();
        MaskingPlan.None.ReconcileUnknownOrigin(3).ShouldBeNull();
    }

    [Fact]
    public void Masks_are_looked_up_by_column_and_by_relation()
    {
        Policy.MaskFor(Name("public.customers"), "ssn")!.Use.ShouldBe(MaskedUse.EqualityOnly);
        Policy.MaskFor(Name("customers"), "ssn").ShouldNotBeNull("the schema is unknown");
        Policy.MaskFor(Name("evil.customers"), "ssn").ShouldBeNull();
        Policy.MayBeSensitive(Name("public.customers")).ShouldBeTrue();
        Session(AccessLevel.Admin, MaskingRule("m", """{"columns":["public.customers.ssn"]}""")).MayBeSensitive(Name("public.orders")).ShouldBeFalse();
    }

    [Fact]
    public void Rules_that_only_detect_mask_no_column()
    {
        var session = Session(AccessLevel.Admin, MaskingRule("m", """{"detect":["email","iban"]}"""));
        session.HasMasking.ShouldBeTrue();
        session.PlanMasking(Select("public.customers") with { ResultColumns = [Result("public.customers", "ssn")] }).HasMasks.ShouldBeFalse();
        session.Detectors.Detectors.ShouldBe([Detector.Email, Detector.Iban]);
    }

    [Fact]
    public void A_masked_value_that_comes_back_is_recognised()
    {
        Policy.IsMaskedValue(Name("public.customers"), "ssn", "*******4911"u8).ShouldBeTrue();
        Policy.IsMaskedValue(Name("public.customers"), "ssn", "*****"u8).ShouldBeTrue();
        Policy.IsMaskedValue(Name("public.customers"), "ssn", "837-71-4911"u8).ShouldBeFalse();
        Policy.IsMaskedValue(Name("public.orders"), "note", "*****"u8).ShouldBeFalse();
    }
}
