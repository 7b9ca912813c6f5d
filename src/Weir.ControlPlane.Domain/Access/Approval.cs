using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Domain.Access;

/// <summary>One person's yes.</summary>
public sealed record Approval(PrincipalId By, string ByName, DateTimeOffset At, string? Comment);
