using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Domain.Agents;

/// <summary>Lets one agent, of the name it was made for, enroll once.</summary>
public sealed class EnrollmentToken(
    OrganizationId organizationId,
    EnrollmentTokenId id,
    string agentName,
    byte[] secretHash,
    PrincipalId? createdBy,
    DateTimeOffset createdAt,
    DateTimeOffset expiresAt) : ITenantOwned
{
    public OrganizationId OrganizationId { get; private set; } = organizationId;

    public EnrollmentTokenId Id { get; private set; } = id;

    public string AgentName { get; private set; } = agentName;

    public byte[] SecretHash { get; private set; } = secretHash;

    public PrincipalId? CreatedBy { get; private set; } = createdBy;

    public DateTimeOffset CreatedAt { get; private set; } = createdAt;

    public DateTimeOffset ExpiresAt { get; private set; } = expiresAt;

    public DateTimeOffset? UsedAt { get; private set; }

    public AgentId? UsedBy { get; private set; }

    public DateTimeOffset? RevokedAt { get; private set; }

    public bool IsValid(DateTimeOffset now) => UsedAt is null && RevokedAt is null && now < ExpiresAt;

    public void Use(AgentId by, DateTimeOffset now)
    {
        if (!IsValid(now))
        {
            throw new IllegalTransitionException("enrollment token", UsedAt is not null ? "used" : RevokedAt is not null ? "revoked" : "expired", "used");
        }

        UsedAt = now;
        UsedBy = by;
    }

    public void Revoke(DateTimeOffset now)
    {
        if (UsedAt is not null || RevokedAt is not null)
        {
            throw new IllegalTransitionException("enrollment token", UsedAt is not null ? "used" : "revoked", "revoked");
        }

        RevokedAt = now;
    }
}
