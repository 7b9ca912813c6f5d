namespace Weir.ControlPlane.Domain.Access;

/// <summary>The terms of the access rule under which somebody asks, as they were when they asked.</summary>
/// <param name="Rule">Name of the access rule.</param>
/// <param name="Approvers">Groups whose members may approve.</param>
/// <param name="Approvals">How many different people must approve.</param>
public sealed record AccessRequestRules(string Rule, IReadOnlyList<string> Approvers, int Approvals);
