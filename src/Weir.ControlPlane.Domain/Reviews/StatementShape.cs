namespace Weir.ControlPlane.Domain.Reviews;

/// <summary>All statements that differ from a held one in constants and parameters only: what an approval for a while covers.</summary>
/// <param name="Binding">HMAC over the shape, principal, connection, surroundings and rules, made by the agent.</param>
/// <param name="Text">The statement with a <c>?</c> for every constant.</param>
/// <param name="MaxWindow">The longest time that the rules allow it to be approved for.</param>
public sealed record StatementShape(ReadOnlyMemory<byte> Binding, string Text, TimeSpan MaxWindow);
