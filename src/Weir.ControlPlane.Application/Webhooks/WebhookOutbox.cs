using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Webhooks;
using Weir.Policy.Documents;

namespace Weir.ControlPlane.Application.Webhooks;

/// <summary>Writes what webhooks are to be told, in the transaction of the change itself: both are there afterwards, or neither.</summary>
internal sealed class WebhookOutbox(WeirDbContext db, TimeProvider time)
{
    /// <returns>The webhooks that have something to send.</returns>
    public async ValueTask<IReadOnlyCollection<WebhookId>> AddAsync(IReadOnlyList<Announcement> announcements, CancellationToken cancellationToken)
    {
        var webhooks = await db.Webhooks.AsNoTracking().Where(w => w.DisabledAt == null).ToListAsync(cancellationToken);
        if (webhooks.Count == 0)
        {
            return [];
        }

        var labels = webhooks.Any(w => w.ConnectionLabels.Count > 0) ? await LabelsAsync(announcements, cancellationToken) : [];
        var now = time.GetUtcNow();
        var told = new HashSet<WebhookId>();
        foreach (var announcement in announcements)
        {
            foreach (var webhook in webhooks.Where(w => w.Wants(announcement.Type) && w.WantsConnection(labels.GetValueOrDefault(announcement.Connection))))
            {
                db.WebhookDeliveries.Add(new WebhookDelivery(
                    webhook.OrganizationId, WebhookDeliveryId.New(now), webhook.Id, announcement.Type, announcement.Body(webhook.Format), now));
                told.Add(webhook.Id);
            }
        }

        return told;
    }

    private Task<Dictionary<string, IReadOnlyDictionary<string, string>>> LabelsAsync(IReadOnlyList<Announcement> announcements, CancellationToken cancellationToken)
    {
        var names = announcements.Select(a => a.Connection).Distinct().ToArray();
        return db.Documents.AsNoTracking()
            .Where(d => d.Kind == ConnectionDocument.KindName && names.Contains(d.Name))
            .Select(d => new { d.Name, d.Labels })
            .ToDictionaryAsync(d => d.Name, d => d.Labels, StringComparer.Ordinal, cancellationToken);
    }
}
