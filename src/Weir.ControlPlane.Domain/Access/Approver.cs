using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Domain.Access;

/// <summary>Who wants to decide about something.</summary>
/// <param name="Groups">Names of the groups that the approver is in now.</param>
public sealed record Approver(PrincipalId Id, string Name, PrincipalKind Kind, IReadOnlyCollection<string> Groups)
{
    /// <summary>Four eyes: a person of the right group, who is neither the one that asks nor the user an AI agent asks for.</summary>
    /// <exception cref="ApprovalRefusedException">This approver may not decide.</exception>
    internal void RequireMayDecide(PrincipalId requester, PrincipalId? requesterActsFor, IReadOnlyCollection<string> approverGroups)
    {
        if (Kind != PrincipalKind.User)
        {
            throw new ApprovalRefusedException("Only people decide about this.");
        }

        if (Id == requester || Id == requesterActsFor)
        {
            throw new ApprovalRefusedException("Nobody decides about a request of their own.");
        }

        if (!approverGroups.Any(Groups.Contains))
        {
            throw new ApprovalRefusedException($"Only members of {string.Join(", ", approverGroups)} decide about this.");
        }
    }
}
