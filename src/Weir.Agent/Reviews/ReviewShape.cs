namespace Weir.Agent.Reviews;

/// <summary>All statements that differ from a held one in the values of constants and parameters only.</summary>
/// <param name="Key">The lexical shape and the parameter types that were declared: what an approval for a while is bound to. Never leaves the agent.</param>
/// <param name="Shown">The text with a <c>?</c> for every constant.</param>
/// <param name="MaxWindow">The longest time that people may approve it for; more than zero.</param>
internal sealed record ReviewShape(ReadOnlyMemory<byte> Key, string Shown, TimeSpan MaxWindow);
