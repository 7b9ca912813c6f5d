using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Features.Webhooks;

internal static class WebhookGivenUp
{
    /// <summary>What waits for a webhook that is disabled is not sent when it is enabled days later: it would be told of reviews that nobody waits for.</summary>
    public static Task<int> GiveUpWaitingAsync(WeirDbContext db, WebhookId webhook, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.WebhookDeliveries
            .Where(d => d.WebhookId == webhook && d.Status == WebhookDeliveryStatus.Pending)
            .ExecuteUpdateAsync(
                set => set.SetProperty(d => d.Status, WebhookDeliveryStatus.Failed)
                    .SetProperty(d => d.FinishedAt, now)
                    .SetProperty(d => d.LastError, d => d.LastError ?? "The webhook was disabled."),
                cancellationToken);
}
