namespace Weir.ControlPlane.Application.Features.Credentials;

/// <param name="Status">active, expired or revoked.</param>
/// <param name="Grant">The grant with which it ends.</param>
public sealed record CredentialView(
    string Id,
    string Principal,
    string? Connection,
    string Status,
    Guid? Grant,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt);
