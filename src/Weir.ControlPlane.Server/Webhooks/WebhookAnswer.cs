namespace Weir.ControlPlane.Server.Webhooks;

/// <summary>How an attempt ended.</summary>
/// <param name="Status">Null when there was no answer.</param>
/// <param name="Error">Null for a success. Never anything that the receiver wrote: it may be a machine that was not meant to be reached.</param>
/// <param name="RetryAfter">What the receiver asked for.</param>
internal sealed record WebhookAnswer(int? Status, string? Error, TimeSpan? RetryAfter);
