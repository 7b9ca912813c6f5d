using System.Reflection;
using Weir.ControlPlane.Domain.Audit;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Tests.Audit;

public sealed class AuditChainTests
{
    private static readonly AuditActor _actor = new(Guid.CreateVersion7(Samples.Now), "admin@example.org", "user");

    [Fact]
    public void Events_are_numbered_from_one_and_carry_the_hash_of_the_one_before()
    {
        var counters = new OrganizationCounters(Samples.Organization);
        var first = Append(counters, "a");
        var second = Append(counters, "b");

        first.Sequence.ShouldBe(1);
        first.PreviousHash.ShouldBe(new byte[32]);
        second.Sequence.ShouldBe(2);
        second.PreviousHash.ShouldBe(first.Hash);
        counters.AuditHead.ShouldBe(second.Hash);
        first.IsGenuine().ShouldBeTrue();
    }

    [Fact]
    public void No_event_is_put_into_the_chain_twice_or_out_of_order()
    {
        var counters = new OrganizationCounters(Samples.Organization);
        var first = Append(counters, "a");
        Should.Throw<IllegalTransitionException>(() => counters.Advance(first));
    }

    [Theory]
    [InlineData(nameof(AuditEvent.ActorName), "other")]
    [InlineData(nameof(AuditEvent.ActorKind), "system")]
    [InlineData(nameof(AuditEvent.Action), "document.delete")]
    [InlineData(nameof(AuditEvent.TargetKind), "Other")]
    [InlineData(nameof(AuditEvent.TargetId), "other")]
    [InlineData(nameof(AuditEvent.BeforeDigest), "00")]
    [InlineData(nameof(AuditEvent.AfterDigest), null)]
    public void Every_text_of_an_event_is_under_its_hash(string property, string? value)
    {
        var audit = Append(new OrganizationCounters(Samples.Organization), "a");
        typeof(AuditEvent).GetProperty(property, BindingFlags.Instance | BindingFlags.Public)!.SetValue(audit, value);
        audit.IsGenuine().ShouldBeFalse();
    }

    [Fact]
    public void Details_are_under_the_hash_whatever_their_order()
    {
        var counters = new OrganizationCounters(Samples.Organization);
        var audit = Append(counters, "a", new Dictionary<string, string> { ["x"] = "1", ["b"] = "2" });
        var details = typeof(AuditEvent).GetProperty(nameof(AuditEvent.Details))!;

        details.SetValue(audit, new Dictionary<string, string> { ["b"] = "2", ["x"] = "1" });
        audit.IsGenuine().ShouldBeTrue();
        details.SetValue(audit, new Dictionary<string, string> { ["b"] = "1", ["x"] = "2" });
        audit.IsGenuine().ShouldBeFalse();
    }

    [Fact]
    public void Instants_are_kept_as_the_database_can_give_them_back()
    {
        var audit = AuditEvent.Append(new OrganizationCounters(Samples.Organization), _actor, Entry("a", []), Samples.Now.AddTicks(7));
        audit.At.ShouldBe(Samples.Now);
    }

    private static AuditEvent Append(OrganizationCounters counters, string target, Dictionary<string, string>? details = null) =>
        AuditEvent.Append(counters, _actor, Entry(target, details ?? []), Samples.Now);

    private static AuditEntry Entry(string target, Dictionary<string, string> details) => new("document.apply", "Guardrail", target, null, "ff", details);
}
