using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Domain.Access;

/// <summary>One person's yes.</summary>
/// <param name="Window">Of a review: for how long the statement's shape is approved; null for the one statement.</param>
public sealed record Approval(PrincipalId By, string ByName, DateTimeOffset At, string? Comment, TimeSpan? Window = null);
