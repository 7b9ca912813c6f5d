namespace Weir.ControlPlane.Domain.Webhooks;

public enum WebhookDeliveryStatus
{
    /// <summary>Not tried yet, or to be tried again.</summary>
    Pending,

    Delivered,

    /// <summary>Given up.</summary>
    Failed,
}
