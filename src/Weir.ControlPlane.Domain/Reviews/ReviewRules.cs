namespace Weir.ControlPlane.Domain.Reviews;

/// <summary>Who decides, and how long it waits.</summary>
/// <param name="Reviewers">Groups whose members may decide.</param>
/// <param name="Approvals">How many different people must approve.</param>
/// <param name="ExpiresAfter">How long it stays open; an approval stays usable as long again.</param>
public sealed record ReviewRules(IReadOnlyList<string> Reviewers, int Approvals, TimeSpan ExpiresAfter);
