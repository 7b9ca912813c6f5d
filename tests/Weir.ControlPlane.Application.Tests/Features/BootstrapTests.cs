using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Organizations;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Features.SignIn;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Features;

public sealed class BootstrapTests(ControlPlaneDatabases databases)
{
    [Fact]
    public async Task It_gives_a_token_for_everybody_who_was_to_have_one_and_one_for_each_agent()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var made = await weir.SendAsync(Actor.System, TestControlPlane.SampleBootstrap());

        made.Tokens.Keys.ShouldBe(["admin@weir.example", "dev@weir.example", "dba@weir.example", "support@weir.example", "etl", "assistant"], ignoreOrder: true);
        made.AgentEnrollmentTokens.Keys.ShouldBe(["edge"]);
        var admin = await weir.SignInAsync(made.Tokens["admin@weir.example"]);
        admin.IsAdministrator.ShouldBeTrue();
        var dev = await weir.SignInAsync(made.Tokens["dev@weir.example"]);
        dev.Groups.ShouldBe(["engineers"]);
        dev.DisplayName.ShouldBe("A developer");
        (await weir.SignInAsync(made.Tokens["assistant"])).OnBehalfOf.ShouldBe(dev.Id);
    }

    [Fact]
    public async Task It_reads_and_answers_json_as_the_quickstart_writes_and_expects_it()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var command = System.Text.Json.JsonSerializer.Deserialize<Bootstrap.Command>(
            """
            { "organization": "default", "administrator": { "email": "admin@weir.example", "password": "correct horse battery" },
              "users": [ { "email": "dev@weir.example", "name": "A developer", "groups": ["engineers"], "token": true } ],
              "aiAgents": [ { "name": "assistant", "onBehalfOf": "dev@weir.example", "groups": [], "token": true } ], "agents": [ { "name": "quickstart" } ] }
            """,
            System.Text.Json.JsonSerializerOptions.Web);

        var answer = System.Text.Json.JsonSerializer.SerializeToElement(await weir.SendAsync(Actor.System, command!), System.Text.Json.JsonSerializerOptions.Web);

        foreach (var name in new[] { "admin@weir.example", "dev@weir.example", "assistant" })
        {
            answer.GetProperty("tokens").GetProperty(name).GetString().ShouldNotBeNull().ShouldStartWith("weir_");
        }

        answer.GetProperty("agentEnrollmentTokens").GetProperty("quickstart").GetString().ShouldNotBeNull().ShouldStartWith("weirenroll_");
    }

    [Fact]
    public async Task Run_twice_it_changes_nobody_and_all_tokens_are_good_afterwards()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var first = await weir.SendAsync(Actor.System, TestControlPlane.SampleBootstrap());
        var again = await weir.SendAsync(Actor.System, TestControlPlane.SampleBootstrap());

        again.OrganizationId.ShouldBe(first.OrganizationId);
        var before = await weir.SignInAsync(first.Tokens["dev@weir.example"]);
        (await weir.SignInAsync(again.Tokens["dev@weir.example"])).Id.ShouldBe(before.Id);
        var admin = await weir.SignInAsync(again.Tokens["admin@weir.example"]);
        (await weir.SendAsync(admin, new ListPrincipals.Query())).Items.Count.ShouldBe(6);
        await weir.EnrollAsync(again.AgentEnrollmentTokens["edge"], "edge");
    }

    [Fact]
    public async Task Run_again_it_leaves_a_changed_password_and_changed_groups_alone()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var made = await weir.SendAsync(Actor.System, TestControlPlane.SampleBootstrap());
        var admin = await weir.SignInAsync(made.Tokens["admin@weir.example"]);
        var dev = await weir.SignInAsync(made.Tokens["dev@weir.example"]);
        await weir.SendAsync(admin, new SetGroups.Command(dev.Id!.Value, ["analysts"]));

        var other = TestControlPlane.SampleBootstrap() with { Administrator = new Bootstrap.Administrator("admin@weir.example", "another password!") };
        var again = await weir.SendAsync(Actor.System, other);

        (await weir.SignInAsync(again.Tokens["dev@weir.example"])).Groups.ShouldBe(["analysts"]);
        (await weir.SendAsync(Actor.Anonymous, new SignInWithPassword.Command("admin@weir.example", "another password!"))).Actor.ShouldBeNull();
        (await weir.SendAsync(Actor.Anonymous, new SignInWithPassword.Command("admin@weir.example", "correct horse battery"))).Actor.ShouldNotBeNull();
    }

    [Fact]
    public async Task An_older_enrollment_token_of_the_same_agent_is_void()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var first = await weir.SendAsync(Actor.System, TestControlPlane.SampleBootstrap());
        await weir.SendAsync(Actor.System, TestControlPlane.SampleBootstrap());

        await Should.ThrowAsync<Failures.ForbiddenException>(() => weir.EnrollAsync(first.AgentEnrollmentTokens["edge"], "edge"));
    }

    [Fact]
    public async Task Only_the_system_itself_bootstraps()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var organization = await weir.CreateOrganizationAsync();
        foreach (var actor in new[] { Actor.Anonymous, organization.Admin, organization.Agent })
        {
            await Should.ThrowAsync<Failures.ForbiddenException>(() => weir.SendAsync(actor, TestControlPlane.SampleBootstrap("other")));
        }
    }

    [Fact]
    public async Task A_weak_password_and_a_bad_address_are_refused_and_both_are_named()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var bad = TestControlPlane.SampleBootstrap() with { Administrator = new Bootstrap.Administrator("nobody", "short") };

        var refused = await Should.ThrowAsync<Failures.ValidationFailedException>(() => weir.SendAsync(Actor.System, bad));

        refused.Faults.Select(f => f.Path).ShouldBe(["administrator.email", "administrator.password"], ignoreOrder: true);
        (await weir.Database.QueryAsync<long>("SELECT count(*) FROM organizations"))[0].ShouldBe(0);
    }

    [Fact]
    public async Task Two_organizations_have_principals_of_the_same_name_and_know_nothing_of_each_other()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var one = await weir.CreateOrganizationAsync("one");
        var two = await weir.CreateOrganizationAsync("two");

        two.Id.ShouldNotBe(one.Id);
        two.Dev.Id.ShouldNotBe(one.Dev.Id);
        (await weir.SendAsync(one.Admin, new ListAgents.Query())).Items.ShouldHaveSingleItem().Id.ShouldBe(one.Agent.Id!.Value);
        (await weir.SendAsync(Actor.System, new ListOrganizations.Query())).ShouldBe([one.Id, two.Id], ignoreOrder: true);
    }
}
