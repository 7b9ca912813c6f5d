using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using static Weir.Policy.Tests.Samples;

namespace Weir.Policy.Tests.Compilation;

public sealed class AccessRightTests
{
    private static readonly CompiledPolicy Policy = Compile(
        Document("AccessRule", "engineers", """{"principals":{"groups":["engineers"]},"connections":{"names":["orders"]},"access":"read"}"""),
        Document("AccessRule", "on-request", """{"principals":{"groups":["engineers"]},"access":"admin","mode":"request","request":{"approvers":["dba"]}}"""),
        Document("AccessRule", "elsewhere", """{"connections":{"labels":{"env":"dev"}},"access":"admin"}"""));

    private static Grant GrantOf(AccessLevel level, double hours, string connection = "orders", Principal? to = null)
        => new(Guid.NewGuid(), (to ?? Ada).Id, connection, level, Now.AddHours(hours));

    [Fact]
    public void A_standing_rule_gives_its_level_for_good()
        => Policy.RightOf(Ada, "orders", [], Now).ShouldBe(new AccessRight(AccessLevel.Read, Effects.None, null, null));

    [Fact]
    public void Nobody_has_a_right_without_a_rule_or_grant()
    {
        Policy.RightOf(Bot, "orders", [], Now).Level.ShouldBe(AccessLevel.None);
        Policy.RightOf(Ada, "payroll", [GrantOf(AccessLevel.Admin, 1, "payroll")], Now).Level.ShouldBe(AccessLevel.None);
    }

    [Fact]
    public void A_grant_raises_the_level_until_it_ends()
    {
        var grant = GrantOf(AccessLevel.Write, 1);
        Policy.RightOf(Ada, "orders", [grant], Now).ShouldBe(new AccessRight(AccessLevel.Write, Effects.None, grant.EndsAt, grant.Id));
        Policy.RightOf(Ada, "orders", [grant], grant.EndsAt!.Value).Level.ShouldBe(AccessLevel.Read);
    }

    [Fact]
    public void A_grant_that_gives_no_more_than_the_rule_does_not_limit_the_session()
        => Policy.RightOf(Ada, "orders", [GrantOf(AccessLevel.Read, 1)], Now).EndsAt.ShouldBeNull();

    [Fact]
    public void Grants_of_others_or_for_other_connections_give_nothing()
        => Policy.RightOf(Ada, "orders", [GrantOf(AccessLevel.Admin, 1, to: Bot), GrantOf(AccessLevel.Admin, 1, "payroll")], Now).Level.ShouldBe(AccessLevel.Read);

    [Fact]
    public void Of_several_grants_the_highest_counts_and_among_equals_the_longest()
    {
        var longest = GrantOf(AccessLevel.Admin, 3);
        Policy.RightOf(Ada, "orders", [GrantOf(AccessLevel.Write, 9), GrantOf(AccessLevel.Admin, 1), longest], Now).GrantId.ShouldBe(longest.Id);
    }

    [Fact]
    public void Effects_allowed_by_name_are_part_of_the_right()
    {
        var policy = Compile(
            Document("AccessRule", "all", """{"access":"admin"}"""),
            Guardrail("files", """{"principals":{"groups":["engineers"]},"when":{"effects":["program"]},"action":"allow"}"""));
        policy.RightOf(Ada, "orders", [], Now).ExtraEffects.ShouldBe(Effects.Program);
        policy.RightOf(Bot, "orders", [], Now).ExtraEffects.ShouldBe(Effects.None);
    }
}
