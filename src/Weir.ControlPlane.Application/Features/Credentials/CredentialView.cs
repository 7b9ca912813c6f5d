namespace Weir.ControlPlane.Application.Features.Credentials;

/// <param name="Status">active, expired or revoked.</param>
/// <param name="Grant">The grant with which it ends.</param>
/// <param name="ClientKey">SHA-256 of the public key of the client certificate that may stand in for the secret, in hexadecimal; null for none.</param>
public sealed record CredentialView(
    string Id,
    string Principal,
    string? Connection,
    string Status,
    Guid? Grant,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt,
    string? ClientKey = null);
