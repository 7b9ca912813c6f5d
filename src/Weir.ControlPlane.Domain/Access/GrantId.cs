namespace Weir.ControlPlane.Domain.Access;

public readonly record struct GrantId(Guid Value) : ITypedId<GrantId>
{
    public static GrantId From(Guid value) => new(value);

    public static GrantId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    public override string ToString() => Value.ToString();
}
