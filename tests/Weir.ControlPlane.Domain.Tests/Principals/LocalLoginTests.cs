using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Domain.Tests.Principals;

public sealed class LocalLoginTests
{
    [Fact]
    public void Guessing_locks_the_login_for_longer_each_time_up_to_an_hour()
    {
        var login = Login();
        Fail(login, LocalLogin.MaxFailures - 1);
        login.IsLocked(Samples.Now).ShouldBeFalse();

        Fail(login, 1);
        login.LockedUntil.ShouldBe(Samples.Now.AddMinutes(1));
        Fail(login, 1);
        login.LockedUntil.ShouldBe(Samples.Now.AddMinutes(2));
        Fail(login, 5000);
        login.LockedUntil.ShouldBe(Samples.Now.AddHours(1));
        login.IsLocked(Samples.Now.AddHours(1)).ShouldBeFalse();
    }

    [Fact]
    public void A_right_password_or_a_new_one_starts_afresh()
    {
        var login = Login();
        Fail(login, 6);
        login.Succeeded();
        login.IsLocked(Samples.Now).ShouldBeFalse();

        Fail(login, 6);
        login.ChangePassword("other", Samples.Now);
        login.Failures.ShouldBe(0);
        login.PasswordHash.ShouldBe("other");
    }

    private static LocalLogin Login() => new(Samples.Organization, PrincipalId.New(Samples.Now), "hash", Samples.Now);

    private static void Fail(LocalLogin login, int times)
    {
        for (var i = 0; i < times; i++)
        {
            login.Failed(Samples.Now);
        }
    }
}
