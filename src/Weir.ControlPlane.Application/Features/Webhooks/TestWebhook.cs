using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Application.Webhooks;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Features.Webhooks;

/// <summary>Sends a <c>webhook.test</c>, on the road that everything takes.</summary>
public static class TestWebhook
{
    [RequirePermission(Permission.ChangeSettings)]
    public sealed record Command(Guid WebhookId) : IRequest<WebhookDeliveryView>;

    internal sealed class Handler(WeirDbContext db, ControlPlaneOptions options, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, WebhookDeliveryView>
    {
        public async ValueTask<WebhookDeliveryView> Handle(Command request, CancellationToken cancellationToken)
        {
            var webhook = await db.FindAsync(request.WebhookId, cancellationToken);
            if (webhook.IsDisabled)
            {
                throw new ConflictException("The webhook is disabled.");
            }

            var now = time.GetUtcNow();
            var delivery = new WebhookDelivery(
                webhook.OrganizationId, WebhookDeliveryId.New(now), webhook.Id, WebhookEventType.Test, WebhookBody.Test(webhook.Format, options.PublicUrl, now), now);
            db.WebhookDeliveries.Add(delivery);
            journal.Audit("webhook.test", "webhook", webhook.Id.ToString(), null, null, ("name", webhook.Name));
            journal.Signal(new WebhookChanged(webhook.OrganizationId, webhook.Id, HasWork: true));
            return WebhookDeliveryView.Of(delivery);
        }
    }
}
