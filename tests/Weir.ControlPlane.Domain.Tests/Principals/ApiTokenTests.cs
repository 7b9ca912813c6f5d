using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Domain.Tests.Principals;

public sealed class ApiTokenTests
{
    [Fact]
    public void It_is_valid_until_the_instant_it_expires()
    {
        Token().IsValid(Samples.Now.AddHours(1).AddTicks(-1)).ShouldBeTrue();
        Token().IsValid(Samples.Now.AddHours(1)).ShouldBeFalse();
    }

    [Fact]
    public void A_revoked_token_is_dead_at_once_and_is_not_revoked_twice()
    {
        var token = Token();
        token.Revoke(Samples.Now);
        token.IsValid(Samples.Now).ShouldBeFalse();
        Should.Throw<IllegalTransitionException>(() => token.Revoke(Samples.Now));
    }

    private static ApiToken Token() =>
        new(Samples.Organization, ApiTokenId.New(Samples.Now), PrincipalId.New(Samples.Now), "laptop", "weir_abc", new byte[32], Samples.Now, Samples.Now.AddHours(1));
}
