namespace Weir.ControlPlane.Domain.Agents;

public readonly record struct AgentId(Guid Value) : ITypedId<AgentId>
{
    public static AgentId From(Guid value) => new(value);

    public static AgentId New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    public override string ToString() => Value.ToString();
}
