namespace Weir.ControlPlane.Domain.Webhooks;

/// <summary>Where a webhook goes and what it is told.</summary>
/// <param name="ProtectedUrl">The address, encrypted: that of a chat channel is a secret in itself.</param>
/// <param name="ShownUrl">As much of the address as everybody may see.</param>
/// <param name="Events">Of <see cref="WebhookEventType.All"/>; empty for all.</param>
/// <param name="ConnectionLabels">Only what is about connections with all of these labels; empty for all.</param>
public sealed record WebhookTarget(
    string Name,
    byte[] ProtectedUrl,
    string ShownUrl,
    WebhookFormat Format,
    IReadOnlyList<string> Events,
    IReadOnlyDictionary<string, string> ConnectionLabels);
