namespace Weir.ControlPlane.Application.Features.AccessRequests;

/// <summary>One person's yes.</summary>
public sealed record ApprovalView(string By, DateTimeOffset At, string? Comment);
