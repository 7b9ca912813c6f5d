namespace Weir.ControlPlane.Application.Features.AccessRequests;

/// <param name="Status">active, ended or revoked.</param>
/// <param name="Request">The access request that it came from.</param>
public sealed record GrantView(
    Guid Id,
    string Status,
    string Principal,
    string Connection,
    string Access,
    Guid Request,
    DateTimeOffset StartsAt,
    DateTimeOffset EndsAt,
    DateTimeOffset? RevokedAt,
    string? RevokedBy)
{
    internal static GrantView Of(Domain.Access.Grant g, string principal, DateTimeOffset now) => new(
        g.Id.Value,
        g.Status == Domain.Access.GrantStatus.Active && g.EndsAt <= now ? "ended" : WireName.Of(g.Status),
        principal,
        g.Connection,
        WireName.Of(g.Access),
        g.RequestId.Value,
        g.StartsAt,
        g.EndsAt,
        g.RevokedAt,
        g.RevokedBy);
}
