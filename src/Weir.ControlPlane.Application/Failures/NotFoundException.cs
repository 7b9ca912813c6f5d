namespace Weir.ControlPlane.Application.Failures;

/// <summary>There is no such thing, or none that the actor may know of.</summary>
public sealed class NotFoundException(string kind, string id) : Exception($"There is no {kind} \"{id}\".")
{
    public string Kind { get; } = kind;

    public string Id { get; } = id;
}
