namespace Weir.ControlPlane.Application.Failures;

/// <summary>The state of things does not allow it (any more).</summary>
public sealed class ConflictException(string message, Exception? inner = null) : Exception(message, inner);
