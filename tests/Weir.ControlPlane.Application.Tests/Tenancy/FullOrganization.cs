using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.AccessRequests;
using Weir.ControlPlane.Application.Features.Agents;
using Weir.ControlPlane.Application.Features.Credentials;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Application.Features.Sessions;
using Weir.ControlPlane.Application.Features.SignIn;
using Weir.ControlPlane.Application.Features.Tokens;
using Weir.ControlPlane.Application.Features.Webhooks;
using Weir.ControlPlane.Application.Tests.Support;

namespace Weir.ControlPlane.Application.Tests.Tenancy;

/// <summary>An organization with at least one row in every table, and the ids of what is in it.</summary>
internal sealed record FullOrganization(
    TestOrganization People, Guid Request, Guid Grant, Guid Review, Guid Session, Guid Token, string Credential, Guid Connection, Guid Webhook, Guid Delivery)
{
    public static async Task<FullOrganization> CreateAsync(TestControlPlane weir, string name)
    {
        var o = await weir.CreateOrganizationAsync(
            name,
            [
                SampleDocuments.ConnectionWithStoredPassword($"secret of {name}"), SampleDocuments.EngineersStanding, SampleDocuments.SupportMayAsk,
                SampleDocuments.NoDestructiveDdl, SampleDocuments.ConnectionWithStoredPassword("x", $"only-{name}"),
            ]);
        await weir.SendAsync(o.Agent, new ConnectAgent.Command("0.1.0", [], 1, "", []));
        await weir.SendAsync(o.Agent, new RecordConnectionStatus.Command("orders", true, "", []));
        await weir.SendAsync(Actor.Anonymous, new SignInWithOidc.Command("https://idp.example", $"subject-of-{name}", $"oidc@{name}.example", null, ["engineers"], name));
        var granted = await weir.SendAsync(o.Support, new CreateAccessRequest.Command("orders", null, null, "because"));
        var grant = (await weir.SendAsync(o.Dba, new ApproveAccessRequest.Command(granted.Id))).Grant!.Value;
        var request = await weir.SendAsync(o.Support, new CreateAccessRequest.Command("orders", null, null, "again"));
        var credential = await weir.SendAsync(o.Support, new IssueCredential.Command("orders"));
        var review = await weir.SendAsync(o.Agent, SampleReviews.Record(o.Dev));
        var recording = new SampleRecording(weir, o, o.Dev).Whole();
        await weir.SendAsync(o.Agent, new IngestEvents.Command(recording.Events));
        var token = await weir.SendAsync(o.Dev, new CreateToken.Command("laptop"));
        var connection = (await weir.SendAsync(o.Admin, new GetDocument.Query("Connection", $"only-{name}"))).Id;
        var webhook = await weir.SendAsync(o.Admin, new CreateWebhook.Command("chat", $"https://hooks.example/{name}"));
        var delivery = await weir.SendAsync(o.Admin, new TestWebhook.Command(webhook.Id));
        return new(o, request.Id, grant, review.ReviewId, recording.SessionId, token.Id, credential.Id, connection, webhook.Id, delivery.Id);
    }
}
