using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Features.Webhooks;

/// <summary>What creating and changing have in common.</summary>
internal static class WebhookRules
{
    /// <summary>Every event asks all of them.</summary>
    public const int MaxWebhooks = 50;

    public static void MustBeWebhookName<T>(this IRuleBuilder<T, string> rule) =>
        rule.Matches("^[a-z0-9][a-z0-9-]{0,62}$").WithMessage("1 to 63 of a-z, 0-9 and '-', starting with a letter or digit.");

    public static void MustBeEvents<T>(this IRuleBuilder<T, IReadOnlyList<string>?> rule) => rule
        .Must(e => e is null || e.All(WebhookEventType.All.Contains))
        .WithMessage($"Of {string.Join(", ", WebhookEventType.All)}; none for all.");

    public static void MustBeLabels<T>(this IRuleBuilder<T, IReadOnlyDictionary<string, string>?> rule) => rule
        .Must(l => l is null || (l.Count <= 20 && l.All(e => e.Key.Length is > 0 and <= 63 && e.Value.Length <= 200)))
        .WithMessage("At most 20 labels of at most 63 and 200 characters.");

    /// <exception cref="NotFoundException">There is none of that id.</exception>
    public static async Task<Webhook> FindAsync(this WeirDbContext db, Guid webhookId, CancellationToken cancellationToken)
    {
        var id = new WebhookId(webhookId);
        return await db.Webhooks.SingleOrDefaultAsync(w => w.Id == id, cancellationToken) ?? throw new NotFoundException("webhook", id.ToString());
    }

    public static Task<int> CountWaitingAsync(this WeirDbContext db, WebhookId id, CancellationToken cancellationToken) =>
        db.WebhookDeliveries.CountAsync(d => d.WebhookId == id && d.Status == WebhookDeliveryStatus.Pending, cancellationToken);
}
