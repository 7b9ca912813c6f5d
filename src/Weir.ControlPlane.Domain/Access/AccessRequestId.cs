namespace Weir.ControlPlane.Domain.Access;

public readonly record struct AccessRequestId(Guid Value) : ITypedId<AccessRequestId>
{
    public static AccessRequestId From(Guid value) => new(value);

    public static AccessRequestId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    public override string ToString() => Value.ToString();
}
