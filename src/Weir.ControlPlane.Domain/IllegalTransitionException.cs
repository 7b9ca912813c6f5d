namespace Weir.ControlPlane.Domain;

/// <summary>An entity was asked for a step that its state does not allow.</summary>
public sealed class IllegalTransitionException(string entity, string state, string attempted)
    : InvalidOperationException($"A {entity} that is {state} can't be {attempted}.")
{
    public string Entity { get; } = entity;

    public string State { get; } = state;

    public string Attempted { get; } = attempted;
}
