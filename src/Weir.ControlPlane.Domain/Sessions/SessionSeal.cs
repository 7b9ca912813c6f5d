using System.Security.Cryptography;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Sessions;

/// <summary>The end of a recording, chained to the organization's seal before it and signed: no session can be taken out afterwards.</summary>
public sealed class SessionSeal : ITenantOwned
{
    private SessionSeal()
    {
        LastHash = PreviousHash = Hash = Signature = [];
    }

    public OrganizationId OrganizationId { get; private set; }

    /// <summary>From 1, without gaps in an organization.</summary>
    public long Number { get; private set; }

    public SessionId SessionId { get; private set; }

    public long LastSequence { get; private set; }

    public byte[] LastHash { get; private set; }

    public DateTimeOffset SealedAt { get; private set; }

    public byte[] PreviousHash { get; private set; }

    public byte[] Hash { get; private set; }

    /// <summary>ECDSA P-256 with SHA-256 over <see cref="Hash"/>, IEEE P1363 form.</summary>
    public byte[] Signature { get; private set; }

    public static SessionSeal Create(OrganizationCounters counters, SessionId sessionId, long lastSequence, byte[] lastHash, ECDsa key, DateTimeOffset now)
    {
        var seal = new SessionSeal
        {
            OrganizationId = counters.OrganizationId,
            Number = counters.SealNumber + 1,
            SessionId = sessionId,
            LastSequence = lastSequence,
            LastHash = lastHash,
            SealedAt = Timestamp.Truncate(now),
            PreviousHash = counters.SealHead,
        };
        seal.Hash = seal.ComputeHash();
        seal.Signature = key.SignData(seal.Hash, HashAlgorithmName.SHA256);
        counters.Advance(seal);
        return seal;
    }

    /// <summary>Whether the seal is what was written and signed; the link to the one before is the caller's to compare.</summary>
    public bool IsGenuine(ECDsa key) => Hash.AsSpan().SequenceEqual(ComputeHash()) && key.VerifyData(Hash, Signature, HashAlgorithmName.SHA256);

    private byte[] ComputeHash()
    {
        using var hash = new HashWriter();
        return hash.Add(PreviousHash).Add(OrganizationId.Value).Add(Number).Add(SessionId.Value).Add(LastSequence).Add(LastHash)
            .Add(Timestamp.UnixMicros(SealedAt)).Finish();
    }
}
