using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Domain.Access;

/// <summary>A short-lived secret that a client presents on the wire. Only the SCRAM verifier is kept.</summary>
public sealed class AccessCredential(
    OrganizationId organizationId,
    CredentialId id,
    PrincipalId principalId,
    string? connection,
    string scramVerifier,
    GrantId? grantId,
    PrincipalId? issuedBy,
    DateTimeOffset createdAt,
    DateTimeOffset expiresAt,
    byte[]? clientKeyHash = null) : ICredentialsSequenced
{
    public OrganizationId OrganizationId { get; private set; } = organizationId;

    public CredentialId Id { get; private set; } = id;

    public PrincipalId PrincipalId { get; private set; } = principalId;

    /// <summary>Name of the connection it is for; null for all that the principal may use.</summary>
    public string? Connection { get; private set; } = connection;

    public string ScramVerifier { get; private set; } = scramVerifier;

    /// <summary>The grant it was issued for, with which it ends.</summary>
    public GrantId? GrantId { get; private set; } = grantId;

    public PrincipalId? IssuedBy { get; private set; } = issuedBy;

    public DateTimeOffset CreatedAt { get; private set; } = createdAt;

    public DateTimeOffset ExpiresAt { get; private set; } = expiresAt;

    /// <summary>SHA-256 of the public key (SubjectPublicKeyInfo) of the client certificate that may stand in for the secret; null for none.</summary>
    public byte[]? ClientKeyHash { get; private set; } = clientKeyHash;

    public DateTimeOffset? RevokedAt { get; private set; }

    public long ChangedSequence { get; private set; }

    public bool IsLive(DateTimeOffset now) => RevokedAt is null && now < ExpiresAt;

    public void Revoke(DateTimeOffset now)
    {
        if (RevokedAt is not null)
        {
            throw new IllegalTransitionException("credential", "revoked", "revoked");
        }

        RevokedAt = now;
    }

    public void StampChange(long sequence) => ChangedSequence = sequence;
}
