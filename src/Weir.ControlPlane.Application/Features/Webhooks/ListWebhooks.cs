using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Features.Webhooks;

public static class ListWebhooks
{
    [RequirePermission(Permission.ReadSettings)]
    public sealed record Query : IRequest<Page<WebhookView>>;

    internal sealed class Handler(WeirDbContext db) : IRequestHandler<Query, Page<WebhookView>>
    {
        public async ValueTask<Page<WebhookView>> Handle(Query request, CancellationToken cancellationToken)
        {
            var waiting = await db.WebhookDeliveries
                .Where(d => d.Status == WebhookDeliveryStatus.Pending)
                .GroupBy(d => d.WebhookId)
                .Select(g => new { g.Key, Count = g.Count() })
                .ToDictionaryAsync(g => g.Key, g => g.Count, cancellationToken);
            var webhooks = await db.Webhooks.AsNoTracking().OrderBy(w => w.Name).ToListAsync(cancellationToken);
            return new([.. webhooks.Select(w => WebhookView.Of(w, waiting.GetValueOrDefault(w.Id)))], null);
        }
    }
}
