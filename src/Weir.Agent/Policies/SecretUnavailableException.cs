namespace Weir.Agent.Policies;

/// <summary>An upstream secret can't be had. The message is for an administrator and names where it was looked for, never a value.</summary>
internal sealed class SecretUnavailableException(string message) : Exception(message);
