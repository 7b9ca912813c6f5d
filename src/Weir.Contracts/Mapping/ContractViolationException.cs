namespace Weir.Contracts.Mapping;

/// <summary>A message of the other side has no certain meaning. The text names the field, never a secret.</summary>
public sealed class ContractViolationException(string message) : Exception(message);
