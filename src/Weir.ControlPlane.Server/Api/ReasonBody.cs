namespace Weir.ControlPlane.Server.Api;

/// <param name="Reason">Recorded.</param>
internal sealed record ReasonBody(string? Reason = null);
