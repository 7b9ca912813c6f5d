using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Features.Webhooks;

public static class GetWebhookDelivery
{
    [RequirePermission(Permission.ReadSettings)]
    public sealed record Query(Guid DeliveryId) : IRequest<WebhookDeliveryView>;

    internal sealed class Handler(WeirDbContext db) : IRequestHandler<Query, WebhookDeliveryView>
    {
        public async ValueTask<WebhookDeliveryView> Handle(Query request, CancellationToken cancellationToken)
        {
            var id = new WebhookDeliveryId(request.DeliveryId);
            return WebhookDeliveryView.Of(
                await db.WebhookDeliveries.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancellationToken) ?? throw new NotFoundException("delivery", id.ToString()));
        }
    }
}
