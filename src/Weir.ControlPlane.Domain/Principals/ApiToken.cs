using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Principals;

/// <summary>A bearer token for the API. Only the SHA-256 of its secret is kept: the secret is 256 random bits, so nothing slower is needed.</summary>
public sealed class ApiToken(
    OrganizationId organizationId,
    ApiTokenId id,
    PrincipalId principalId,
    string name,
    string prefix,
    byte[] secretHash,
    DateTimeOffset createdAt,
    DateTimeOffset expiresAt) : ITenantOwned
{
    public OrganizationId OrganizationId { get; private set; } = organizationId;

    public ApiTokenId Id { get; private set; } = id;

    public PrincipalId PrincipalId { get; private set; } = principalId;

    public string Name { get; private set; } = name;

    /// <summary>First characters of the token, by which its owner recognises it.</summary>
    public string Prefix { get; private set; } = prefix;

    public byte[] SecretHash { get; private set; } = secretHash;

    public DateTimeOffset CreatedAt { get; private set; } = createdAt;

    public DateTimeOffset ExpiresAt { get; private set; } = expiresAt;

    public DateTimeOffset? RevokedAt { get; private set; }

    public DateTimeOffset? LastUsedAt { get; private set; }

    public bool IsValid(DateTimeOffset now) => RevokedAt is null && now < ExpiresAt;

    public void Revoke(DateTimeOffset now)
    {
        if (RevokedAt is not null)
        {
            throw new IllegalTransitionException("token", "revoked", "revoked");
        }

        RevokedAt = now;
    }
}
