using Weir.ControlPlane.Application.Features.Webhooks;
using Weir.ControlPlane.Domain.Webhooks;
using Weir.ControlPlane.Server.Authentication;

namespace Weir.ControlPlane.Server.Api;

internal static class WebhooksApi
{
    public static void MapWebhooks(this RouteGroupBuilder api)
    {
        api.MapGet("/webhooks", (Caller caller) => caller.SendAsync(new ListWebhooks.Query()));
        api.MapPost("/webhooks", (CreateWebhook.Command body, Caller caller) => caller.SendAsync(body))
            .WithSummary("An address that is told of reviews and access requests. The secret that signs what is sent is in this answer only.");
        api.MapGet("/webhooks/{id:guid}", (Guid id, Caller caller) => caller.SendAsync(new GetWebhook.Query(id)));
        api.MapPut("/webhooks/{id:guid}", (Guid id, WebhookBody body, Caller caller) =>
                caller.SendAsync(new ChangeWebhook.Command(id, body.Name, body.Url, body.Format, body.Events, body.ConnectionLabels)))
            .WithSummary("Replaces what it is told and where; without an address the one that is there stays.");
        api.MapDelete("/webhooks/{id:guid}", async (Guid id, Caller caller) =>
        {
            await caller.SendAsync(new DeleteWebhook.Command(id));
            return TypedResults.NoContent();
        });
        api.MapPost("/webhooks/{id:guid}/rotate-secret", (Guid id, Caller caller) => caller.SendAsync(new RotateWebhookSecret.Command(id)))
            .WithSummary("A new secret, in this answer only; for a day everything carries signatures with both.");
        api.MapPost("/webhooks/{id:guid}/test", (Guid id, Caller caller) => caller.SendAsync(new TestWebhook.Command(id))).WithSummary("Sends a webhook.test.");
        api.MapPost("/webhooks/{id:guid}/enable", (Guid id, Caller caller) => caller.SendAsync(new EnableWebhook.Command(id)));
        api.MapPost("/webhooks/{id:guid}/disable", (Guid id, Caller caller) => caller.SendAsync(new DisableWebhook.Command(id)));
        api.MapGet("/webhooks/{id:guid}/deliveries", (Guid id, [AsParameters] Paging page, Caller caller) => caller.SendAsync(new ListWebhookDeliveries.Query(id, page.After, page.Size)))
            .WithSummary("What was sent lately, newest first: seven days, at most 1,000.");
        api.MapGet("/webhook-deliveries/{id:guid}", (Guid id, Caller caller) => caller.SendAsync(new GetWebhookDelivery.Query(id)));
        api.MapPost("/webhook-deliveries/{id:guid}/redeliver", (Guid id, Caller caller) => caller.SendAsync(new RedeliverWebhookDelivery.Command(id)))
            .WithSummary("Sends it again, under the same id.");
    }

    internal sealed record WebhookBody(
        string Name, string? Url = null, WebhookFormat Format = WebhookFormat.Standard, IReadOnlyList<string>? Events = null, IReadOnlyDictionary<string, string>? ConnectionLabels = null);
}
