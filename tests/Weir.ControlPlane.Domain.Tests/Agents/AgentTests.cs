namespace Weir.ControlPlane.Domain.Tests.Agents;

public sealed class AgentTests
{
    [Fact]
    public void A_removed_agent_is_shut_out()
    {
        var agent = Samples.Agent();
        agent.Connect("0.1.0", [], "127.0.0.1:6433", 1, Samples.Now);
        agent.Remove(Samples.Now);

        agent.IsConnected.ShouldBeFalse();
        Should.Throw<IllegalTransitionException>(() => agent.Connect("0.1.0", [], "", 1, Samples.Now));
        Should.Throw<IllegalTransitionException>(() => agent.Seen(0, 0, 0, Samples.Now));
        Should.Throw<IllegalTransitionException>(() => agent.Remove(Samples.Now));
    }

    [Fact]
    public void Enrolling_again_replaces_the_key_and_ends_what_the_old_one_had()
    {
        var agent = Samples.Agent();
        agent.Connect("0.1.0", [], "", 1, Samples.Now);
        agent.Reenroll(agent.Labels, [2], "0.2.0", Samples.Now);

        agent.IdentityPublicKey.ShouldBe([2]);
        agent.IsConnected.ShouldBeFalse();
    }

    [Fact]
    public void An_accepted_snapshot_clears_the_last_refusal()
    {
        var agent = Samples.Agent();
        agent.Refused("unknown effect");
        agent.SnapshotError.ShouldBe("unknown effect");
        agent.Acknowledged(5);
        agent.SnapshotVersion.ShouldBe(5);
        agent.SnapshotError.ShouldBeNull();
    }
}
