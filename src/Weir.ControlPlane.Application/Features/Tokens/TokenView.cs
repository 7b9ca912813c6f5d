namespace Weir.ControlPlane.Application.Features.Tokens;

/// <param name="Prefix">First characters, by which its owner recognises it.</param>
public sealed record TokenView(
    Guid Id,
    string Name,
    string Prefix,
    string Principal,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? RevokedAt);
