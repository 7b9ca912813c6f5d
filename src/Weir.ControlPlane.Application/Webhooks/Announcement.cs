using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Webhooks;

/// <summary>Something that webhooks are told of.</summary>
/// <param name="Type">Of <see cref="WebhookEventType"/>.</param>
/// <param name="Connection">Which connection it is about.</param>
/// <param name="Body">What is sent, in a format.</param>
internal sealed record Announcement(string Type, string Connection, Func<WebhookFormat, string> Body);
