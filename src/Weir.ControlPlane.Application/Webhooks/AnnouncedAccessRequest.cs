namespace Weir.ControlPlane.Application.Webhooks;

/// <summary>An access request as webhooks show it; the reason stands behind the address.</summary>
/// <param name="Duration">Seconds.</param>
internal sealed record AnnouncedAccessRequest(
    Guid Id,
    string Status,
    string Principal,
    string Connection,
    string Access,
    long Duration,
    IReadOnlyList<string> Approvers,
    int Approvals,
    int ApprovalsNeeded,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? DecidedAt,
    string? DecidedBy,
    string Url);
