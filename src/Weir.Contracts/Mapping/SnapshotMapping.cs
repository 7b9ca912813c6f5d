using System.Collections.Immutable;
using Weir.Contracts.Agent.V1;
using Weir.Policy.Documents;
using PolicyModel = Weir.Policy.Snapshots.PolicySnapshot;

namespace Weir.Contracts.Mapping;

/// <summary>Reads a snapshot message whole or not at all.</summary>
public static class SnapshotMapping
{
    /// <exception cref="ContractViolationException">The digest is wrong, a field has no meaning, or a document is invalid; lists every fault of every document.</exception>
    public static PolicyModel ToModel(PolicySnapshot snapshot)
    {
        if (snapshot.Version <= 0)
            throw new ContractViolationException("version must be positive.");
        if (!SnapshotDigest.Matches(snapshot))
            throw new ContractViolationException("the digest does not match the documents and settings.");
        if (snapshot.MaskingKey.Length != 32)
            throw new ContractViolationException("masking_key must have 32 bytes.");
        if (snapshot.CompiledAt is null)
            throw new ContractViolationException("compiled_at is missing.");

        var documents = ImmutableArray.CreateBuilder<PolicyDocument>(snapshot.Documents.Count);
        var faults = new List<string>();
        var names = new HashSet<(string, string)>();
        foreach (var document in snapshot.Documents)
        {
            if (!names.Add((document.Kind, document.Name)))
                faults.Add($"{document.Kind} {document.Name} is there twice");
            if (DocumentReader.TryRead(document.Kind, document.Name, document.Labels, document.Spec.Memory, out var read, out var wrong))
                documents.Add(read);
            else
                faults.AddRange(wrong.Select(f => $"{document.Kind} {document.Name} {f.Path}: {f.Message}"));
        }

        if (faults.Count > 0)
            throw new ContractViolationException(string.Join("; ", faults));
        return new PolicyModel(
            ContractMapping.ToGuid(snapshot.OrganizationId, "organization_id"),
            snapshot.Version,
            snapshot.CompiledAt.ToDateTimeOffset(),
            documents.ToImmutable(),
            ContractMapping.ToSettings(snapshot.Settings),
            snapshot.Digest.ToByteArray());
    }
}
