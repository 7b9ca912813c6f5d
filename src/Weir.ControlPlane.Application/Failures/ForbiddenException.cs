namespace Weir.ControlPlane.Application.Failures;

/// <summary>The actor may not do this. The message may be shown to it.</summary>
public sealed class ForbiddenException(string message) : Exception(message);
