namespace Weir.ControlPlane.Application.Features.AccessRequests;

/// <summary>One person's yes.</summary>
/// <param name="Window">Of a review: for how long the statement's shape is approved; null for the one statement.</param>
public sealed record ApprovalView(string By, DateTimeOffset At, string? Comment, TimeSpan? Window = null);
