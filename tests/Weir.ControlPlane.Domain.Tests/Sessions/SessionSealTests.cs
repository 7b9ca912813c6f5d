using System.Reflection;
using System.Security.Cryptography;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Domain.Tests.Sessions;

public sealed class SessionSealTests
{
    [Fact]
    public void Seals_of_an_organization_are_chained_and_signed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var counters = new OrganizationCounters(Samples.Organization);
        var first = Seal(counters, key);
        var second = Seal(counters, key);

        second.Number.ShouldBe(2);
        second.PreviousHash.ShouldBe(first.Hash);
        counters.SealHead.ShouldBe(second.Hash);
        first.IsGenuine(key).ShouldBeTrue();
        Should.Throw<IllegalTransitionException>(() => counters.Advance(first));
    }

    [Fact]
    public void A_seal_by_another_key_is_not_genuine()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Seal(new OrganizationCounters(Samples.Organization), key).IsGenuine(other).ShouldBeFalse();
    }

    [Fact]
    public void The_end_of_the_recording_is_under_the_seal()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var seal = Seal(new OrganizationCounters(Samples.Organization), key);
        typeof(SessionSeal).GetProperty(nameof(SessionSeal.LastSequence), BindingFlags.Instance | BindingFlags.Public)!.SetValue(seal, 8L);
        seal.IsGenuine(key).ShouldBeFalse();
    }

    private static SessionSeal Seal(OrganizationCounters counters, ECDsa key) => SessionSeal.Create(counters, SessionId.New(Samples.Now), 9, new byte[32], key, Samples.Now);
}
