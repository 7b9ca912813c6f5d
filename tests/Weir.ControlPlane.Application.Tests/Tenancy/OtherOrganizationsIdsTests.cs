using System.Reflection;
using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Audit;
using Weir.ControlPlane.Application.Features.Credentials;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Features.Principals;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Application.Features.SignIn;
using Weir.ControlPlane.Application.Features.Tokens;
using Weir.ControlPlane.Application.Features.Webhooks;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Tenancy;

public sealed class OtherOrganizationsIdsTests(ControlPlaneDatabases databases)
{
    [Fact]
    public async Task Every_request_by_id_answers_another_organizations_id_as_one_that_does_not_exist()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var one = await FullOrganization.CreateAsync(weir, "one");
        var two = await FullOrganization.CreateAsync(weir, "two");

        // Whoever may most in the other organization: administrator, and in every group that decides.
        await weir.SendAsync(two.People.Admin, new SetGroups.Command(two.People.Admin.Id!.Value, ["dba", "engineers", "support"]));
        var admin = await weir.SignInAsync(two.People.Tokens["admin@weir.example"]);
        var agent = two.People.Agent;
        (Actor As, IMessage Request)[] walk =
        [
            (admin, new ApproveAccessRequest.Command(one.Request)), (admin, new RejectAccessRequest.Command(one.Request)), (admin, new WithdrawAccessRequest.Command(one.Request)),
            (admin, new GetAccessRequest.Query(one.Request)), (admin, new RevokeGrant.Command(one.Grant)),
            (admin, new ApproveReview.Command(one.Review)), (admin, new RejectReview.Command(one.Review)), (admin, new WithdrawReview.Command(one.Review)),
            (admin, new GetReview.Query(one.Review)), (admin, new ListReviewUses.Query(one.Review)), (agent, new AbandonReview.Command(one.Review)),
            (agent, SampleReviews.Record(one.People.Dev)),
            (admin, new GetSession.Query(one.Session)), (admin, new ReplaySession.Query(one.Session)), (admin, new ExportSession.Query(one.Session)),
            (admin, new KillSession.Command(one.Session)), (admin, new VerifyAudit.Command(one.Session)),
            (admin, new RevokeToken.Command(one.Token)), (admin, new RevokeCredential.Command(one.Credential)),
            (admin, new IssueCredential.Command("orders", null, null, one.Grant)), (admin, new IssueCredential.Command("only-one")),
            (admin, new CreateAccessRequest.Command("only-one", null, null, "x")),
            (admin, new DisablePrincipal.Command(one.People.Dev.Id!.Value)), (admin, new EnablePrincipal.Command(one.People.Dev.Id.Value)),
            (admin, new SetGroups.Command(one.People.Dev.Id.Value, ["x"])), (admin, new SetRoles.Command(one.People.Dev.Id.Value, ["administrator"])),
            (admin, new RemoveAgent.Command(one.People.Agent.Id!.Value)), (agent, new RecordConnectionStatus.Command("only-one", true, "", [])),
            (admin, new GetDocument.Query("Connection", "only-one")), (admin, new DeleteDocument.Command("Connection", "only-one")),
            (admin, new GetWebhook.Query(one.Webhook)), (admin, new ChangeWebhook.Command(one.Webhook, "mine", "https://hooks.example/two")),
            (admin, new DeleteWebhook.Command(one.Webhook)), (admin, new RotateWebhookSecret.Command(one.Webhook)), (admin, new TestWebhook.Command(one.Webhook)),
            (admin, new EnableWebhook.Command(one.Webhook)), (admin, new DisableWebhook.Command(one.Webhook)), (admin, new ListWebhookDeliveries.Query(one.Webhook)),
            (admin, new GetWebhookDelivery.Query(one.Delivery)), (admin, new RedeliverWebhookDelivery.Command(one.Delivery)),
        ];
        var before = await FingerprintAsync(weir, one.People.Id);

        foreach (var (actor, request) in walk)
        {
            (await Should.ThrowAsync<Exception>(() => SendAsync(weir, actor, request), request.ToString())).ShouldBeOfType<NotFoundException>(request.ToString());
        }

        (await FingerprintAsync(weir, one.People.Id)).ShouldBe(before);

        // The system works in one organization at a time: in another one it finds nothing to write an end on.
        await weir.SendAsync(Actor.SystemOf(two.People.Id), new RecordWebhookAttempt.Command(one.Delivery, 200, null, 1, null));
        (await FingerprintAsync(weir, one.People.Id)).ShouldBe(before);

        // Requests that answer with nothing instead, or take an id from nobody but the front door that has checked it.
        (await weir.SendAsync(agent, new ListReviewUpdates.Query([one.Review]))).Updates.ShouldBeEmpty();
        (await weir.SendAsync(agent, new ConsumeReviews.Command([new(one.Review, true)]))).Ignored.ShouldBe([one.Review]);
        (await weir.SendAsync(Actor.Anonymous, new ResolveActor.Query(two.People.Id, one.People.Dev.Id.Value))).Actor.ShouldBeNull();
        (await weir.SendAsync(Actor.Anonymous, new FindAgentIdentity.Query(one.People.Agent.Id.Value))).Identity.ShouldNotBeNull().OrganizationId.ShouldBe(one.People.Id);
        var walked = walk.Select(w => w.Request.GetType()).Concat([typeof(RecordWebhookAttempt.Command), typeof(ListReviewUpdates.Query), typeof(ConsumeReviews.Command), typeof(ResolveActor.Query), typeof(FindAgentIdentity.Query)]).ToHashSet();
        RequestPermissions.OfApplication().Requests.Where(HasId).Except(walked).ShouldBeEmpty("a request by id is not walked");
    }

    [Fact]
    public async Task An_agent_can_not_write_into_the_recording_of_another_organization()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var one = await weir.CreateOrganizationAsync("one");
        var two = await weir.CreateOrganizationAsync("two");
        var recording = new SampleRecording(weir, one, one.Dev).Start();
        await weir.SendAsync(one.Agent, new IngestEvents.Command(recording.Events));

        await Should.ThrowAsync<ForbiddenException>(() => weir.SendAsync(two.Agent, new IngestEvents.Command(recording.Events)));
        recording.End(0, 0);
        (await weir.SendAsync(two.Agent, new IngestEvents.Command([recording.Events[1]]))).Positions[0].Sequence.ShouldBe(0);
        (await weir.SendAsync(one.Dev, new GetSession.Query(recording.SessionId))).Session.Status.ShouldBe("live");
    }

    [Fact]
    public async Task Lists_of_one_organization_hold_nothing_of_another()
    {
        await using var weir = await TestControlPlane.StartAsync(databases);
        var one = await FullOrganization.CreateAsync(weir, "one");
        var two = await weir.CreateOrganizationAsync("two");
        var admin = two.Admin;

        (await weir.SendAsync(admin, new ListAccessRequests.Query(true))).Items.ShouldBeEmpty();
        (await weir.SendAsync(admin, new ListGrants.Query(true))).Items.ShouldBeEmpty();
        (await weir.SendAsync(admin, new ListReviews.Query(true))).Items.ShouldBeEmpty();
        (await weir.SendAsync(admin, new ListSessions.Query())).Items.ShouldBeEmpty();
        (await weir.SendAsync(admin, new ListCredentials.Query(true))).Items.ShouldBeEmpty();
        (await weir.SendAsync(admin, new ListDocuments.Query())).Items.ShouldBeEmpty();
        (await weir.SendAsync(admin, new ListConnections.Query())).Items.ShouldBeEmpty();
        (await weir.SendAsync(admin, new ListAgents.Query())).Items.ShouldNotContain(a => a.Id == one.People.Agent.Id);
        (await weir.SendAsync(admin, new ListPrincipals.Query())).Items.ShouldNotContain(p => p.Name == "oidc@one.example");
        (await weir.SendAsync(admin, new ListTokens.Query(true))).Items.ShouldNotContain(t => t.Id == one.Token);
        (await weir.SendAsync(admin, new ListAuditEvents.Query())).Items.ShouldNotContain(e => e.Action == "review.open");
        (await weir.SendAsync(admin, new VerifyAudit.Command())).Sessions.Checked.ShouldBe(0);
        (await weir.SendAsync(admin, new ListWebhooks.Query())).Items.ShouldBeEmpty();
        (await weir.SendAsync(Actor.SystemOf(two.Id), new ClaimWebhookDeliveries.Command(100))).Items.ShouldBeEmpty();
        (await weir.SendAsync(two.Agent, new CompileSnapshot.Query())).Documents.ShouldBeEmpty();
        (await weir.SendAsync(two.Agent, new CompileCredentials.Query(0, null))).Credentials.ShouldBeEmpty();
    }

    private static bool HasId(Type request) => request.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Any(p => (Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType) == typeof(Guid) || p.Name == "CredentialId" && request != typeof(FindRoute.Query));

    private static async Task SendAsync(TestControlPlane weir, Actor actor, IMessage request)
    {
        var response = request.GetType().GetInterfaces().Single(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequest<>)).GetGenericArguments()[0];
        var send = typeof(TestControlPlane).GetMethod(nameof(TestControlPlane.SendAsync))!.MakeGenericMethod(response);
        await (Task)send.Invoke(weir, [actor, request])!;
    }

    private static async Task<string> FingerprintAsync(TestControlPlane weir, Guid organization)
    {
        var tables = await weir.Database.QueryAsync<string>(
            "SELECT c.table_name::text FROM information_schema.columns c WHERE c.table_schema = 'public' AND c.column_name = 'organization_id' ORDER BY 1");
        var parts = new List<string>();
        foreach (var table in tables)
        {
            parts.Add((await weir.Database.QueryAsync<string>($"SELECT '{table} ' || md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {table} t WHERE organization_id = '{organization}'"))[0]);
        }

        return string.Join('\n', parts);
    }
}
