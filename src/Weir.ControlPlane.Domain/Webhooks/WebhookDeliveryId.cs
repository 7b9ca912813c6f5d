namespace Weir.ControlPlane.Domain.Webhooks;

public readonly record struct WebhookDeliveryId(Guid Value) : ITypedId<WebhookDeliveryId>
{
    public static WebhookDeliveryId From(Guid value) => new(value);

    public static WebhookDeliveryId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    public override string ToString() => Value.ToString();
}
