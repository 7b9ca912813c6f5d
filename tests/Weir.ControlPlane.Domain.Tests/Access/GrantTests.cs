using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Domain.Tests.Access;

public sealed class GrantTests
{
    [Fact]
    public void It_is_live_until_the_instant_it_ends()
    {
        var grant = Samples.Grant();
        grant.IsLive(grant.EndsAt.AddTicks(-1)).ShouldBeTrue();
        grant.IsLive(grant.EndsAt).ShouldBeFalse();
    }

    [Fact]
    public void It_ends_when_its_time_is_over_and_only_once()
    {
        var grant = Samples.Grant();
        Should.Throw<IllegalTransitionException>(() => grant.End(grant.EndsAt.AddTicks(-1)));

        grant.End(grant.EndsAt);

        grant.Status.ShouldBe(GrantStatus.Ended);
        Should.Throw<IllegalTransitionException>(() => grant.End(grant.EndsAt)).State.ShouldBe("ended");
        Should.Throw<IllegalTransitionException>(() => grant.Revoke("admin", Samples.Now));
    }

    [Fact]
    public void A_revoked_grant_is_dead_at_once_and_for_good()
    {
        var grant = Samples.Grant();
        grant.Revoke("admin", Samples.Now);

        grant.IsLive(Samples.Now).ShouldBeFalse();
        grant.RevokedBy.ShouldBe("admin");
        Should.Throw<IllegalTransitionException>(() => grant.Revoke("admin", Samples.Now)).State.ShouldBe("revoked");
        Should.Throw<IllegalTransitionException>(() => grant.End(grant.EndsAt));
    }

    [Fact]
    public void What_is_over_is_not_revoked_any_more() =>
        Should.Throw<IllegalTransitionException>(() => Samples.Grant().Revoke("admin", Samples.Now.AddHours(1))).State.ShouldBe("over");
}
