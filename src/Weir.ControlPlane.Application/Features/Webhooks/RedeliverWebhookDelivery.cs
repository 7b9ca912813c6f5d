using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Signals;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Features.Webhooks;

/// <summary>Sends a delivery again, under the same id.</summary>
public static class RedeliverWebhookDelivery
{
    [RequirePermission(Permission.ChangeSettings)]
    public sealed record Command(Guid DeliveryId) : IRequest<WebhookDeliveryView>;

    internal sealed class Handler(WeirDbContext db, ChangeJournal journal, TimeProvider time) : IRequestHandler<Command, WebhookDeliveryView>
    {
        public async ValueTask<WebhookDeliveryView> Handle(Command request, CancellationToken cancellationToken)
        {
            var id = new WebhookDeliveryId(request.DeliveryId);
            var delivery = await db.WebhookDeliveries.SingleOrDefaultAsync(d => d.Id == id, cancellationToken) ?? throw new NotFoundException("delivery", id.ToString());
            if ((await db.FindAsync(delivery.WebhookId.Value, cancellationToken)).IsDisabled)
            {
                throw new ConflictException("The webhook is disabled.");
            }

            delivery.Redeliver(time.GetUtcNow());
            journal.Audit("webhook.redeliver", "webhook", delivery.WebhookId.ToString(), null, null, ("delivery", id.ToString()), ("event", delivery.Event));
            journal.Signal(new WebhookChanged(delivery.OrganizationId, delivery.WebhookId, HasWork: true));
            return WebhookDeliveryView.Of(delivery);
        }
    }
}
