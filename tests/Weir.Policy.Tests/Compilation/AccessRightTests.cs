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

    // 2026-01-05 is a Monday.
    private static readonly CompiledPolicy Hours = Compile(
        Document("AccessRule", "office", """{"connections":{"names":["orders"]},"access":"write","schedule":["* 8-17 * * 1-5","* 20 * * *"]}"""),
        Document("AccessRule", "readers", """{"principals":{"groups":["engineers"]},"connections":{"names":["orders"]},"access":"read"}"""));

    [Theory]
    [InlineData("2026-01-05T07:59:59Z", AccessLevel.None, null)]
    [InlineData("2026-01-05T08:00:00Z", AccessLevel.Write, "2026-01-05T18:00:00Z")]
    [InlineData("2026-01-05T17:59:30Z", AccessLevel.Write, "2026-01-05T18:00:00Z")]
    [InlineData("2026-01-05T18:00:00Z", AccessLevel.None, null)]
    [InlineData("2026-01-10T10:00:00Z", AccessLevel.None, null)]
    [InlineData("2026-01-10T20:10:00Z", AccessLevel.Write, "2026-01-10T21:00:00Z")]
    [InlineData("2026-01-05T10:00:00+02:00", AccessLevel.Write, "2026-01-05T18:00:00Z")]
    public void A_rule_with_a_schedule_gives_access_within_it(string at, AccessLevel level, string? until)
    {
        var right = Hours.RightOf(Bot, "orders", [], DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture));
        right.Level.ShouldBe(level);
        right.EndsAt.ShouldBe(until is null ? null : DateTimeOffset.Parse(until, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Outside_of_a_schedule_other_rules_and_grants_count()
    {
        var night = new DateTimeOffset(2026, 1, 5, 3, 0, 0, TimeSpan.Zero);
        Hours.RightOf(Ada, "orders", [], night).ShouldBe(new AccessRight(AccessLevel.Read, Effects.None, null, null));
        Hours.RightOf(Ada, "orders", [], night.AddHours(6)).Level.ShouldBe(AccessLevel.Write);
        var grant = new Grant(Guid.NewGuid(), Ada.Id, "orders", AccessLevel.Admin, night.AddHours(1));
        Hours.RightOf(Ada, "orders", [grant], night).ShouldBe(new AccessRight(AccessLevel.Admin, Effects.None, grant.EndsAt, grant.Id));
    }

    [Fact]
    public void A_schedule_that_never_ends_is_looked_up_again_in_a_day()
    {
        var always = Compile(Document("AccessRule", "always", """{"access":"read","schedule":["* * * * *"]}"""));
        always.RightOf(Ada, "orders", [], Now).EndsAt.ShouldNotBeNull().ShouldBeInRange(Now.AddHours(23), Now.AddHours(25));
    }
}
