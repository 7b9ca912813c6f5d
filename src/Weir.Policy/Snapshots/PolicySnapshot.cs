using System.Collections.Immutable;
using Weir.Policy.Documents;

namespace Weir.Policy.Snapshots;

/// <summary>An organization's configuration as one agent needs it: whole, immutable, versioned.</summary>
/// <param name="Version">Grows by every change in the organization; an agent never goes back.</param>
/// <param name="CompiledAt">When the control plane made it.</param>
/// <param name="Documents">Connections that the agent serves, and all guardrails, packs, masking rules and access rules.</param>
/// <param name="Settings">Settings of the organization.</param>
/// <param name="Digest">SHA-256 over the canonical bytes of the documents and settings.</param>
public sealed record PolicySnapshot(
    Guid OrganizationId,
    long Version,
    DateTimeOffset CompiledAt,
    ImmutableArray<PolicyDocument> Documents,
    PolicySettings Settings,
    ReadOnlyMemory<byte> Digest);
