using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Domain.Tests.Access;

public sealed class AccessCredentialTests
{
    [Fact]
    public void It_is_live_until_the_instant_it_expires()
    {
        var credential = Credential();
        credential.IsLive(credential.ExpiresAt.AddTicks(-1)).ShouldBeTrue();
        credential.IsLive(credential.ExpiresAt).ShouldBeFalse();
    }

    [Fact]
    public void A_revoked_one_is_dead_at_once_and_is_not_revoked_twice()
    {
        var credential = Credential();
        credential.Revoke(Samples.Now);

        credential.IsLive(Samples.Now).ShouldBeFalse();
        Should.Throw<IllegalTransitionException>(() => credential.Revoke(Samples.Now));
    }

    [Fact]
    public void Ids_use_every_random_byte_and_only_letters_that_need_no_quoting()
    {
        var id = CredentialId.From([.. Enumerable.Range(0, 26).Select(i => (byte)(i + 6))]);

        id.Value.ShouldBe("w_ghijklmnopqrstuvwxyz234567");
        id.Value.Length.ShouldBe(CredentialId.Length);
        Should.Throw<ArgumentOutOfRangeException>(() => CredentialId.From(new byte[25]));
    }

    private static AccessCredential Credential() => new(
        Samples.Organization, CredentialId.From(new byte[26]), PrincipalId.New(Samples.Now), "orders", "SCRAM-SHA-256$…", null, null, Samples.Now, Samples.Now.AddHours(1));
}
