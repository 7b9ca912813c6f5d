using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Features.AccessRequests;

/// <param name="Status">pending, approved, rejected, withdrawn or expired.</param>
/// <param name="Duration">How long the grant lasts from its approval on.</param>
/// <param name="Approvers">Groups whose members may decide.</param>
/// <param name="MayDecide">Whether the actor may approve or reject it now.</param>
public sealed record AccessRequestView(
    Guid Id,
    string Status,
    string Principal,
    string Connection,
    string Access,
    TimeSpan Duration,
    string? Reason,
    string Rule,
    IReadOnlyList<string> Approvers,
    int ApprovalsNeeded,
    IReadOnlyList<ApprovalView> Approvals,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? DecidedAt,
    string? DecidedBy,
    string? Comment,
    Guid? Grant,
    bool MayDecide)
{
    internal static AccessRequestView Of(AccessRequest r, Authorization.Actor actor, DateTimeOffset now) => new(
        r.Id.Value,
        r.Status == AccessRequestStatus.Pending && r.ExpiresAt <= now ? "expired" : WireName.Of(r.Status),
        r.PrincipalName,
        r.Connection,
        WireName.Of(r.Access),
        r.Duration,
        r.Reason,
        r.Rule,
        r.Approvers,
        r.ApprovalsNeeded,
        [.. r.Approvals.Select(a => new ApprovalView(a.ByName, a.At, a.Comment))],
        r.CreatedAt,
        r.ExpiresAt,
        r.DecidedAt,
        r.DecidedBy,
        r.Comment,
        r.GrantId?.Value,
        r.Status == AccessRequestStatus.Pending && r.ExpiresAt > now && actor.Kind == Authorization.ActorKind.User && r.PrincipalId != actor.PrincipalId
            && r.OnBehalfOf != actor.PrincipalId && r.Approvers.Any(actor.Groups.Contains) && r.Approvals.All(a => a.By != actor.PrincipalId));
}
