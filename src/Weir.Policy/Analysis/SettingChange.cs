namespace Weir.Policy.Analysis;

/// <summary>A change of a run-time setting.</summary>
/// <param name="Name">Lower-case name of the setting; <c>*</c> for RESET ALL and DISCARD ALL; empty when it can't be known.</param>
/// <param name="Value">The new value as text; null for RESET, DEFAULT or a value that can't be known.</param>
/// <param name="IsLocal">SET LOCAL: until the end of the transaction.</param>
public readonly record struct SettingChange(string Name, string? Value, bool IsLocal);
