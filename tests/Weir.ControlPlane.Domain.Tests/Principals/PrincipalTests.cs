using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Domain.Tests.Principals;

public sealed class PrincipalTests
{
    [Fact]
    public void Names_are_compared_without_regard_to_case() => Samples.User(" Dev@Example.ORG ").Name.ShouldBe("dev@example.org");

    [Fact]
    public void An_ai_agent_acts_for_a_user_of_its_own_organization()
    {
        var user = Samples.User();
        var agent = Samples.AiAgent(user);
        agent.OnBehalfOf.ShouldBe(user.Id);

        Should.Throw<ArgumentException>(() => Samples.AiAgent(agent));
        Should.Throw<ArgumentException>(() => Principal.AiAgent(OrganizationId.New(Samples.Now), PrincipalId.New(Samples.Now), "x", user, Samples.Now));
    }

    [Fact]
    public void A_machine_is_never_given_a_role()
    {
        var machine = Principal.ServiceAccount(Samples.Organization, PrincipalId.New(Samples.Now), "etl", Samples.Now);

        Should.Throw<IllegalTransitionException>(() => machine.SetRoles(Roles.Administrator));
        Should.Throw<IllegalTransitionException>(() => Samples.AiAgent(Samples.User()).SetRoles(Roles.Auditor));
        machine.SetRoles(Roles.Member);
        machine.Roles.ShouldBe(Roles.Member);
    }

    [Fact]
    public void Disabling_and_enabling_alternate()
    {
        var user = Samples.User();
        Should.Throw<IllegalTransitionException>(user.Enable);
        user.Disable(Samples.Now);
        Should.Throw<IllegalTransitionException>(() => user.Disable(Samples.Now));
        user.Enable();
        user.IsDisabled.ShouldBeFalse();
    }
}
