using Weir.Policy.Access;

namespace Weir.Agent.Policies;

/// <summary>An access credential as the agent knows it: enough to check a proof, never the secret.</summary>
/// <param name="Id">What the client sends as <c>user</c>.</param>
/// <param name="Connection">The only connection that it is for; null for every connection that the principal may use.</param>
/// <param name="ScramVerifier"><c>SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey</c>.</param>
/// <param name="ExpiresAt">From this instant on it is expired, by the agent's clock; null for never.</param>
/// <param name="GrantId">The grant that it ends with; null for none.</param>
/// <param name="ClientKeyHash">SHA-256 of the public key (SubjectPublicKeyInfo) of the certificate that may stand in for the secret; empty for none.</param>
internal sealed record CredentialRecord(
    string Id,
    Principal Principal,
    string? Connection,
    string ScramVerifier,
    DateTimeOffset? ExpiresAt,
    Guid? GrantId,
    ReadOnlyMemory<byte> ClientKeyHash = default);
