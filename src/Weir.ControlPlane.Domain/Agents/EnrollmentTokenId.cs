namespace Weir.ControlPlane.Domain.Agents;

public readonly record struct EnrollmentTokenId(Guid Value) : ITypedId<EnrollmentTokenId>
{
    public static EnrollmentTokenId From(Guid value) => new(value);

    public static EnrollmentTokenId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    public override string ToString() => Value.ToString();
}
