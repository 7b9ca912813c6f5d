using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Audit;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Features.Tokens;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Changes;

public sealed class CollisionTests(ControlPlaneDatabases databases)
{
    [Fact]
    public async Task A_token_that_is_being_used_is_revoked_all_the_same_and_once()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var token = await weir.SendAsync(o.Dev, new CreateToken.Command("laptop"));
        weir.Time.WhenAsked = (1, () => ExecuteNow(weir, "UPDATE api_tokens SET last_used_at = now()"));

        await weir.SendAsync(o.Dev, new RevokeToken.Command(token.Id));

        weir.Time.WhenAsked.Times.ShouldBe(0);
        (await weir.SendAsync(Actor.Anonymous, new AuthenticateToken.Command(token.Token))).Actor.ShouldBeNull();
        (await weir.SendAsync(o.Admin, new ListAuditEvents.Query(Action: "token.revoke"))).Items.ShouldHaveSingleItem();
        (await weir.SendAsync(o.Admin, new VerifyAudit.Command())).Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task A_principal_that_is_at_work_is_disabled_all_the_same()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        weir.Time.WhenAsked = (2, () => ExecuteNow(weir, "UPDATE principals SET display_name = display_name || '.'"));

        (await weir.SendAsync(o.Admin, new DisablePrincipal.Command(o.Dev.Id!.Value))).Disabled.ShouldBeTrue();

        (await weir.SendAsync(Actor.Anonymous, new AuthenticateToken.Command(o.Tokens["dev@weir.example"]))).Actor.ShouldBeNull();
    }

    [Fact]
    public async Task Who_collides_again_and_again_is_told_so()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();
        var token = await weir.SendAsync(o.Dev, new CreateToken.Command("laptop"));
        weir.Time.WhenAsked = (1000, () => ExecuteNow(weir, "UPDATE api_tokens SET last_used_at = now()"));

        await Should.ThrowAsync<ConflictException>(() => weir.SendAsync(o.Dev, new RevokeToken.Command(token.Id)));
    }

    [Fact]
    public async Task Of_two_that_make_the_same_thing_at_once_one_is_told_that_it_is_there()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync();

        var made = Enumerable.Range(0, 4).Select(_ => Task.Run(() => weir.SendAsync(o.Admin, new CreatePrincipal.Command("service_account", "job")))).ToList();
        await Task.WhenAll(made.Select(m => m.ContinueWith(_ => { }, TaskScheduler.Default)));

        made.Count(m => m.IsCompletedSuccessfully).ShouldBe(1);
        made.Where(m => m.IsFaulted).ShouldAllBe(m => m.Exception!.InnerException is ConflictException && m.Exception.InnerException.Message.Contains("job"));
    }

    [Fact]
    public async Task Reports_of_an_agent_that_meet_are_all_kept()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var o = await weir.CreateOrganizationAsync("default", SampleDocuments.Connection);
        await Task.WhenAll(
            Task.Run(() => weir.SendAsync(o.Agent, new ConnectAgent.Command("0.2.0", [], 0, "127.0.0.1:6433", []))),
            Task.Run(() => weir.SendAsync(o.Agent, new RecordHeartbeat.Command(3, 10, 100))),
            Task.Run(() => weir.SendAsync(o.Agent, new RecordConnectionStatus.Command("orders", true, "", []))),
            Task.Run(() => weir.SendAsync(o.Agent, new RecordConnectionStatus.Command("orders", true, "", []))));

        var shown = (await weir.SendAsync(o.Admin, new ListAgents.Query())).Items.ShouldHaveSingleItem();
        (shown.Status, shown.LiveSessions, shown.Endpoint).ShouldBe(("connected", 3, "127.0.0.1:6433"));
        shown.Connections.ShouldHaveSingleItem();
    }

    private static void ExecuteNow(TestControlPlane weir, string sql)
    {
        using var connection = new Npgsql.NpgsqlConnection(weir.Database.SuperuserConnection);
        connection.Open();
        using var command = new Npgsql.NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
