namespace Weir.Agent.Link;

/// <summary>The control plane did not take the enrollment token: it is unknown, used or expired, and is not said which.</summary>
internal sealed class EnrollmentRefusedException(string message) : Exception(message);
