using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Domain.Access;

/// <summary>A time-bound right: active → ended (its time is over) or revoked. Credentials issued for it end with it.</summary>
public sealed class Grant(
    OrganizationId organizationId,
    GrantId id,
    PrincipalId principalId,
    string connection,
    AccessLevel access,
    AccessRequestId requestId,
    DateTimeOffset startsAt,
    DateTimeOffset endsAt) : ICredentialsSequenced
{
    public OrganizationId OrganizationId { get; private set; } = organizationId;

    public GrantId Id { get; private set; } = id;

    public PrincipalId PrincipalId { get; private set; } = principalId;

    public string Connection { get; private set; } = connection;

    public AccessLevel Access { get; private set; } = access;

    public AccessRequestId RequestId { get; private set; } = requestId;

    public DateTimeOffset StartsAt { get; private set; } = startsAt;

    public DateTimeOffset EndsAt { get; private set; } = endsAt;

    public GrantStatus Status { get; private set; }

    public DateTimeOffset? RevokedAt { get; private set; }

    public string? RevokedBy { get; private set; }

    public long ChangedSequence { get; private set; }

    public bool IsLive(DateTimeOffset now) => Status == GrantStatus.Active && now < EndsAt;

    public void End(DateTimeOffset now)
    {
        if (Status != GrantStatus.Active || now < EndsAt)
        {
            throw new IllegalTransitionException("grant", StateName, "ended");
        }

        Status = GrantStatus.Ended;
    }

    public void Revoke(string by, DateTimeOffset now)
    {
        if (!IsLive(now))
        {
            throw new IllegalTransitionException("grant", Status == GrantStatus.Active ? "over" : StateName, "revoked");
        }

        Status = GrantStatus.Revoked;
        RevokedAt = now;
        RevokedBy = by;
    }

    public void StampChange(long sequence) => ChangedSequence = sequence;

    private string StateName => Status.ToString().ToLowerInvariant();
}
