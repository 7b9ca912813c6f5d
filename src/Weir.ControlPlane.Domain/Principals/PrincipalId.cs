namespace Weir.ControlPlane.Domain.Principals;

public readonly record struct PrincipalId(Guid Value) : ITypedId<PrincipalId>
{
    public static PrincipalId From(Guid value) => new(value);

    public static PrincipalId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    public override string ToString() => Value.ToString();
}
