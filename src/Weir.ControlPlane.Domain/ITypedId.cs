namespace Weir.ControlPlane.Domain;

/// <summary>An identifier that can't be mistaken for another entity's. New ones are UUIDv7, so that they sort by age.</summary>
public interface ITypedId<TSelf>
    where TSelf : struct, ITypedId<TSelf>
{
    Guid Value { get; }

    static abstract TSelf From(Guid value);
}
