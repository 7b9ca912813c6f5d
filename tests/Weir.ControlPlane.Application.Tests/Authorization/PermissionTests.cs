using System.Reflection;
using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Tests.Support;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Tests.Authorization;

public sealed class PermissionTests(ControlPlaneDatabases databases)
{
    [Fact]
    public void Every_request_of_the_assembly_declares_a_permission()
    {
        var requests = typeof(ControlPlaneApplication).Assembly.GetTypes().Where(t => !t.IsAbstract && t.IsAssignableTo(typeof(IMessage))).ToList();

        requests.Count.ShouldBeGreaterThan(50);
        requests.ShouldAllBe(r => r.GetCustomAttribute<RequirePermissionAttribute>() != null);
        RequestPermissions.OfApplication().Requests.Count.ShouldBe(requests.Count);
    }

    [Fact]
    public void A_request_that_declares_none_keeps_the_control_plane_from_starting()
    {
        var refused = Should.Throw<InvalidOperationException>(() => new RequestPermissions([typeof(Undeclared), typeof(GetMe.Query)]));
        refused.Message.ShouldContain(nameof(Undeclared));
        new RequestPermissions([typeof(GetMe.Query)]).Find(typeof(Undeclared)).ShouldBeNull();
    }

    [Fact]
    public void Every_handler_and_every_validator_is_reachable()
    {
        var types = typeof(ControlPlaneApplication).Assembly.GetTypes();
        foreach (var request in types.Where(t => !t.IsAbstract && t.IsAssignableTo(typeof(IMessage))))
        {
            request.DeclaringType.ShouldNotBeNull(request.FullName).GetNestedType("Handler", BindingFlags.NonPublic).ShouldNotBeNull(request.FullName);
        }
    }

    [Fact]
    public void Only_a_principal_with_the_role_has_the_permission()
    {
        var organization = Guid.NewGuid();
        var member = new Actor(ActorKind.User, new(organization), Guid.NewGuid(), "m", "m", null, [], Roles.Member);
        var auditor = member with { Roles = Roles.Auditor };
        var administrator = member with { Roles = Roles.Administrator };
        var agent = Actor.ForAgent(organization, Guid.NewGuid(), "edge");
        Actor[] all = [Actor.Anonymous, Actor.System, agent, member, auditor, administrator];

        Allowed(Permission.Anonymous).ShouldBe(all);
        Allowed(Permission.ServeAgent).ShouldBe([agent]);
        Allowed(Permission.RunSystem).ShouldBe([Actor.System]);
        Allowed(Permission.Participate).ShouldBe([member, auditor, administrator]);
        foreach (var permission in Enum.GetValues<Permission>().Where(p => p.ToString().StartsWith("Read", StringComparison.Ordinal)))
        {
            Allowed(permission).ShouldBe([auditor, administrator]);
        }

        foreach (var permission in Enum.GetValues<Permission>().Where(p => p.ToString().StartsWith("Change", StringComparison.Ordinal)))
        {
            Allowed(permission).ShouldBe([administrator]);
        }

        Allowed((Permission)999).ShouldBeEmpty();

        Actor[] Allowed(Permission permission) => [.. all.Where(a => PermissionRules.Allows(a, permission))];
    }

    [Fact]
    public async Task Nobody_known_is_asked_to_sign_in_and_nothing_is_read()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        await weir.CreateOrganizationAsync();
        (await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(Actor.Anonymous, new GetMe.Query()))).Message.ShouldContain("Sign in");
    }

    [Fact]
    public void A_scope_acts_for_one_actor_only_and_never_leaves_its_organization()
    {
        var scope = new ActorScope();
        var agent = Actor.ForAgent(Guid.NewGuid(), Guid.NewGuid(), "edge");
        scope.Set(agent);
        Should.Throw<InvalidOperationException>(() => scope.Set(Actor.System));
        Should.Throw<InvalidOperationException>(() => scope.Enter(new(Guid.NewGuid())));
        scope.Organization.ShouldBe(agent.Organization);
    }

    private sealed record Undeclared : IMessage;
}
