using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Grant = Weir.Policy.Access.Grant;

namespace Weir.Agent.Policies;

/// <summary>The credentials and grants in force: one immutable state, swapped whole by each delta, and kept in a file so that a restarted agent has them.</summary>
internal sealed class CredentialDirectory(SealedFile file, byte[] mockSecret) : ICredentialDirectory
{
    private volatile State _state = State.Empty;

    public event Action? Changed;

    public ReadOnlyMemory<byte> MockSecret => mockSecret;

    /// <summary>Sequence of the last delta in force; 0 for none.</summary>
    public long Sequence => _state.Sequence;

    public int Count => _state.Credentials.Count;

    public bool TryFind(string credentialId, [NotNullWhen(true)] out CredentialRecord? record) => _state.Credentials.TryGetValue(credentialId, out record);

    public ReadOnlySpan<Grant> GrantsOf(Guid principalId) => _state.GrantsByPrincipal.TryGetValue(principalId, out var grants) ? grants.AsSpan() : [];

    /// <summary>Restores what was in force before a restart.</summary>
    /// <exception cref="InvalidDataException">The file is damaged; nothing is in force then.</exception>
    public void Load()
    {
        if (file.Read() is not { } content)
            return;
        try
        {
            var delta = CredentialsDelta.Parser.ParseFrom(content);
            _state = State.Empty.With(delta);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or ContractViolationException)
        {
            throw new InvalidDataException("The stored credentials can't be read: " + exception.Message, exception);
        }
    }

    /// <summary>Puts a delta into force, whole, and keeps it before it returns; so what was acknowledged survives a restart.</summary>
    /// <returns>False when a delta before it is missing: a full one is needed.</returns>
    /// <exception cref="ContractViolationException">The delta has no certain meaning; nothing of it is in force.</exception>
    public bool Apply(CredentialsDelta delta)
    {
        var before = _state;
        if (!delta.IsFull && delta.Sequence <= before.Sequence)
            return true;
        if (!delta.IsFull && delta.Sequence != before.Sequence + 1)
            return false;
        var after = (delta.IsFull ? State.Empty : before).With(delta);
        _state = after;
        Changed?.Invoke();
        file.Write(after.ToDelta().ToByteArray());
        return true;
    }

    private sealed record State(
        long Sequence,
        ImmutableDictionary<string, CredentialRecord> Credentials,
        ImmutableDictionary<Guid, Grant> Grants,
        ImmutableDictionary<Guid, ImmutableArray<Grant>> GrantsByPrincipal)
    {
        public static State Empty { get; } = new(
            0,
            ImmutableDictionary.Create<string, CredentialRecord>(StringComparer.Ordinal),
            ImmutableDictionary<Guid, Grant>.Empty,
            ImmutableDictionary<Guid, ImmutableArray<Grant>>.Empty);

        public State With(CredentialsDelta delta)
        {
            var credentials = Credentials.ToBuilder();
            foreach (var id in delta.RemovedCredentialIds)
                credentials.Remove(id);
            foreach (var credential in delta.Credentials)
                credentials[credential.Id] = Read(credential);

            var grants = Grants.ToBuilder();
            var touched = new HashSet<Guid>();
            foreach (var id in delta.RemovedGrantIds)
            {
                var grantId = ContractMapping.ToGuid(id, "removed_grant_ids");
                if (grants.Remove(grantId, out var removed))
                    touched.Add(removed.PrincipalId);
            }

            foreach (var grant in delta.Grants)
            {
                var read = ContractMapping.ToGrant(grant);
                if (grants.TryGetValue(read.Id, out var replaced))
                    touched.Add(replaced.PrincipalId);
                grants[read.Id] = read;
                touched.Add(read.PrincipalId);
            }

            var byPrincipal = GrantsByPrincipal.ToBuilder();
            foreach (var group in grants.Values.Where(g => touched.Contains(g.PrincipalId)).GroupBy(g => g.PrincipalId))
            {
                byPrincipal[group.Key] = [.. group];
                touched.Remove(group.Key);
            }

            byPrincipal.RemoveRange(touched);
            return new State(delta.Sequence, credentials.ToImmutable(), grants.ToImmutable(), byPrincipal.ToImmutable());
        }

        public CredentialsDelta ToDelta()
        {
            var delta = new CredentialsDelta { Sequence = Sequence, IsFull = true };
            delta.Credentials.AddRange(Credentials.Values.Select(Write));
            delta.Grants.AddRange(Grants.Values.Select(ContractMapping.ToContract));
            return delta;
        }

        private static CredentialRecord Read(Credential credential)
        {
            if (credential.Id.Length == 0)
                throw new ContractViolationException("credential.id is empty.");
            if (credential.Principal is null)
                throw new ContractViolationException($"credential {credential.Id} has no principal.");
            if (!credential.ScramVerifier.StartsWith("SCRAM-SHA-256$", StringComparison.Ordinal))
                throw new ContractViolationException($"credential {credential.Id} has no SCRAM-SHA-256 verifier.");
            if (credential.ClientKeySha256.Length is not (0 or SHA256.HashSizeInBytes))
                throw new ContractViolationException($"credential {credential.Id} has a client key that is no SHA-256.");
            return new CredentialRecord(
                credential.Id,
                ContractMapping.ToPrincipal(credential.Principal),
                credential.Connection.Length == 0 ? null : credential.Connection,
                credential.ScramVerifier,
                credential.ExpiresAt?.ToDateTimeOffset(),
                ContractMapping.ToOptionalGuid(credential.GrantId, "credential.grant_id"),
                credential.ClientKeySha256.Memory);
        }

        private static Credential Write(CredentialRecord record) => new()
        {
            Id = record.Id,
            Principal = ContractMapping.ToContract(record.Principal),
            Connection = record.Connection ?? "",
            ScramVerifier = record.ScramVerifier,
            ExpiresAt = record.ExpiresAt is { } expires ? Timestamp.FromDateTimeOffset(expires) : null,
            GrantId = record.GrantId is { } grant ? ContractMapping.ToBytes(grant) : ByteString.Empty,
            ClientKeySha256 = ByteString.CopyFrom(record.ClientKeyHash.Span),
        };
    }
}
