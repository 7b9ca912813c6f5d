using Weir.ControlPlane.Domain.Agents;

namespace Weir.ControlPlane.Domain.Tests.Agents;

public sealed class EnrollmentTokenTests
{
    [Fact]
    public void It_is_used_once()
    {
        var token = Samples.EnrollmentToken();
        var agent = AgentId.New(Samples.Now);
        token.Use(agent, Samples.Now);

        token.UsedBy.ShouldBe(agent);
        token.IsValid(Samples.Now).ShouldBeFalse();
        Should.Throw<IllegalTransitionException>(() => token.Use(AgentId.New(Samples.Now), Samples.Now)).State.ShouldBe("used");
        Should.Throw<IllegalTransitionException>(() => token.Revoke(Samples.Now)).State.ShouldBe("used");
        token.UsedBy.ShouldBe(agent);
    }

    [Fact]
    public void It_is_worth_nothing_from_the_instant_it_expires()
    {
        var token = Samples.EnrollmentToken();
        Should.Throw<IllegalTransitionException>(() => token.Use(AgentId.New(Samples.Now), token.ExpiresAt)).State.ShouldBe("expired");
    }

    [Fact]
    public void A_revoked_one_is_worth_nothing()
    {
        var token = Samples.EnrollmentToken();
        token.Revoke(Samples.Now);

        Should.Throw<IllegalTransitionException>(() => token.Use(AgentId.New(Samples.Now), Samples.Now)).State.ShouldBe("revoked");
        Should.Throw<IllegalTransitionException>(() => token.Revoke(Samples.Now)).State.ShouldBe("revoked");
    }
}
