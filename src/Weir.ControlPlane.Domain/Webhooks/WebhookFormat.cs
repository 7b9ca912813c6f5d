namespace Weir.ControlPlane.Domain.Webhooks;

public enum WebhookFormat
{
    /// <summary>Type, timestamp and data, as Standard Webhooks has it.</summary>
    Standard,

    /// <summary>One text with a link, as Slack's incoming webhooks and those of its look-alikes take it.</summary>
    Slack,
}
