namespace Weir.ControlPlane.Domain.Access;

/// <summary>Somebody tried to decide about something that is not theirs to decide. The message may be shown to them.</summary>
public sealed class ApprovalRefusedException(string message) : InvalidOperationException(message);
