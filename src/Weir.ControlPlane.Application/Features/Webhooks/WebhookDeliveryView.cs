using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Features.Webhooks;

/// <param name="Id">Also the <c>webhook-id</c> that the receiver sees, the same in every attempt.</param>
/// <param name="Status">pending, delivered or failed.</param>
/// <param name="NextAttemptAt">While it is pending.</param>
/// <param name="LastError">Why the last attempt failed.</param>
public sealed record WebhookDeliveryView(
    Guid Id,
    Guid WebhookId,
    string Event,
    string Status,
    int Attempts,
    DateTimeOffset CreatedAt,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? LastAttemptAt,
    int? LastStatus,
    string? LastError,
    double? LastDurationMs,
    string Body)
{
    internal static WebhookDeliveryView Of(WebhookDelivery d) => new(
        d.Id.Value,
        d.WebhookId.Value,
        d.Event,
        WireName.Of(d.Status),
        d.Attempts,
        d.CreatedAt,
        d.Status == WebhookDeliveryStatus.Pending ? d.NextAttemptAt : null,
        d.LastAttemptAt,
        d.LastStatus,
        d.LastError,
        d.LastDurationMs,
        d.Body);
}
