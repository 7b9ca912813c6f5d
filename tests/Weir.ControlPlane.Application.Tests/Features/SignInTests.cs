using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Features.SignIn;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Features;

public sealed class SignInTests(ControlPlaneDatabases databases)
{
    private static readonly SignInWithPassword.Command _right = new("Admin@weir.example", "correct horse battery");
    private static readonly SignInWithOidc.Command _oidc = new("https://idp.example", "subject-1", "New@weir.example", "Nia New", ["engineers"]);

    [Fact]
    public async Task The_right_password_signs_in_and_a_wrong_one_does_not()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        (await weir.SendAsync(Actor.Anonymous, _right)).Actor.ShouldNotBeNull().Id.ShouldBe(o.Admin.Id);
        (await weir.SendAsync(Actor.Anonymous, _right with { Password = "wrong" })).Actor.ShouldBeNull();
        (await weir.SendAsync(Actor.Anonymous, _right with { Email = "nobody@weir.example" })).Actor.ShouldBeNull();
        (await weir.SendAsync(Actor.Anonymous, _right with { Organization = "other" })).Actor.ShouldBeNull();
        _right.ToString().ShouldNotContain("horse");
    }

    [Fact]
    public async Task Guessing_locks_the_login_for_a_time_and_the_right_password_does_not_help_meanwhile()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        await weir.CreateOrganizationAsync();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => weir.SendAsync(Actor.Anonymous, _right with { Password = "guess" }))));

        (await weir.SendAsync(Actor.Anonymous, _right)).Actor.ShouldBeNull();
        weir.Time.Advance(TimeSpan.FromMinutes(1));
        (await weir.SendAsync(Actor.Anonymous, _right)).Actor.ShouldNotBeNull();
    }

    [Fact]
    public async Task With_two_organizations_the_name_is_needed()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var one = await weir.CreateOrganizationAsync("one");
        var two = await weir.CreateOrganizationAsync("two");
        (await weir.SendAsync(Actor.Anonymous, _right)).Actor.ShouldBeNull();
        (await weir.SendAsync(Actor.Anonymous, _right with { Organization = "Two" })).Actor.ShouldNotBeNull().Id.ShouldBe(two.Admin.Id);
        (await weir.SendAsync(Actor.Anonymous, _right with { Organization = "one" })).Actor.ShouldNotBeNull().Id.ShouldBe(one.Admin.Id);
    }

    [Fact]
    public async Task An_unknown_subject_becomes_a_user_and_its_groups_follow_the_provider()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var first = (await weir.SendAsync(Actor.Anonymous, _oidc)).Actor.ShouldNotBeNull();
        first.Name.ShouldBe("new@weir.example");
        first.Groups.ShouldBe(["engineers"]);
        await weir.SendAsync(o.Admin, new SetGroups.Command(first.Id!.Value, ["local"]));

        var again = (await weir.SendAsync(Actor.Anonymous, _oidc with { Email = "renamed@weir.example", Groups = ["dba"] })).Actor.ShouldNotBeNull();

        again.Id.ShouldBe(first.Id);
        again.Name.ShouldBe("new@weir.example");
        again.Groups.ShouldBe(["dba", "local"], ignoreOrder: true);
    }

    [Fact]
    public async Task An_address_that_is_somebodys_already_takes_nothing_over()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        await weir.CreateOrganizationAsync();
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(Actor.Anonymous, _oidc with { Email = "admin@weir.example" }));
        await weir.SendAsync(Actor.Anonymous, _oidc);
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(Actor.Anonymous, _oidc with { Subject = "subject-2" }));
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(Actor.Anonymous, _oidc with { Issuer = "https://other.example" }));
    }

    [Fact]
    public async Task A_disabled_user_does_not_sign_in_by_any_road()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var user = (await weir.SendAsync(Actor.Anonymous, _oidc)).Actor.ShouldNotBeNull();
        await weir.SendAsync(o.Admin, new DisablePrincipal.Command(user.Id!.Value));

        (await weir.SendAsync(Actor.Anonymous, _oidc)).Actor.ShouldBeNull();
        (await weir.SendAsync(Actor.Anonymous, new ResolveActor.Query(o.Id, user.Id.Value))).Actor.ShouldBeNull();
    }

    [Fact]
    public async Task A_cookie_resolves_to_the_principal_as_it_is_now()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        await weir.SendAsync(o.Admin, new SetGroups.Command(o.Dev.Id!.Value, ["analysts"]));
        (await weir.SendAsync(Actor.Anonymous, new ResolveActor.Query(o.Id, o.Dev.Id.Value))).Actor.ShouldNotBeNull().Groups.ShouldBe(["analysts"]);
        (await weir.SendAsync(Actor.Anonymous, new ResolveActor.Query(Guid.NewGuid(), o.Dev.Id.Value))).Actor.ShouldBeNull();
    }

    [Fact]
    public async Task Nobody_disables_themselves_and_the_last_administrator_stays()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Admin, new DisablePrincipal.Command(o.Admin.Id!.Value)));
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Admin, new SetRoles.Command(o.Admin.Id!.Value, [])));
        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Admin, new SetRoles.Command(o.Service.Id!.Value, ["administrator"])));
    }
}
