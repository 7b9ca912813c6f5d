namespace Weir.ControlPlane.Domain.Documents;

public readonly record struct PolicyDocumentId(Guid Value) : ITypedId<PolicyDocumentId>
{
    public static PolicyDocumentId From(Guid value) => new(value);

    public static PolicyDocumentId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    public override string ToString() => Value.ToString();
}
