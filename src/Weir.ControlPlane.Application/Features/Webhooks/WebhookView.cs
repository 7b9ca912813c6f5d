using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Features.Webhooks;

/// <param name="Url">Scheme and host; the path can be a secret and is not shown.</param>
/// <param name="Format">standard or slack.</param>
/// <param name="Events">What it is told of; empty for everything.</param>
/// <param name="ConnectionLabels">Only what is about connections with all of these; empty for all connections.</param>
/// <param name="Status">active, failing or disabled.</param>
/// <param name="Failures">Attempts that failed in succession.</param>
/// <param name="LastStatus">HTTP status of the last answer.</param>
/// <param name="Waiting">Deliveries that are still tried.</param>
public sealed record WebhookView(
    Guid Id,
    string Name,
    string Url,
    string Format,
    IReadOnlyList<string> Events,
    IReadOnlyDictionary<string, string> ConnectionLabels,
    string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset? PreviousSecretUntil,
    DateTimeOffset? DisabledAt,
    string? DisabledBecause,
    DateTimeOffset? FailingSince,
    int Failures,
    DateTimeOffset? LastAttemptAt,
    DateTimeOffset? LastSuccessAt,
    int? LastStatus,
    string? LastError,
    int Waiting)
{
    internal static WebhookView Of(Webhook w, int waiting) => new(
        w.Id.Value,
        w.Name,
        w.ShownUrl,
        WireName.Of(w.Format),
        w.Events,
        w.ConnectionLabels,
        w.IsDisabled ? "disabled" : w.FailingSince is not null ? "failing" : "active",
        w.CreatedAt,
        w.PreviousSecretUntil,
        w.DisabledAt,
        w.DisabledBecause,
        w.FailingSince,
        w.Failures,
        w.LastAttemptAt,
        w.LastSuccessAt,
        w.LastStatus,
        w.LastError,
        waiting);
}
