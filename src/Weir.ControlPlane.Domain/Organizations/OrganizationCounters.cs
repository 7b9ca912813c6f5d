namespace Weir.ControlPlane.Domain.Organizations;

/// <summary>
/// The counters and chain heads of an organization, in one row: whoever changes something that is numbered locks this row first, so there is
/// one order of locks and no gap in a chain.
/// </summary>
public sealed class OrganizationCounters(OrganizationId organizationId) : ITenantOwned
{
    public OrganizationId OrganizationId { get; private set; } = organizationId;

    /// <summary>Version of the last policy; agents are at this version or below it.</summary>
    public long PolicyVersion { get; private set; }

    /// <summary>Number of the last change to a credential, grant or principal.</summary>
    public long CredentialsSequence { get; private set; }

    public long AuditSequence { get; private set; }

    /// <summary>Hash of the last audit event; 32 zero bytes before the first.</summary>
    public byte[] AuditHead { get; private set; } = new byte[32];

    public long SealNumber { get; private set; }

    /// <summary>Hash of the last session seal; 32 zero bytes before the first.</summary>
    public byte[] SealHead { get; private set; } = new byte[32];

    public long NextPolicyVersion() => ++PolicyVersion;

    public long NextCredentialsSequence() => ++CredentialsSequence;

    public void Advance(Audit.AuditEvent appended)
    {
        if (appended.Sequence != AuditSequence + 1 || !appended.PreviousHash.AsSpan().SequenceEqual(AuditHead))
        {
            throw new IllegalTransitionException("audit chain", $"at {AuditSequence}", $"continued by {appended.Sequence}");
        }

        AuditSequence = appended.Sequence;
        AuditHead = appended.Hash;
    }

    public void Advance(Sessions.SessionSeal appended)
    {
        if (appended.Number != SealNumber + 1 || !appended.PreviousHash.AsSpan().SequenceEqual(SealHead))
        {
            throw new IllegalTransitionException("seal chain", $"at {SealNumber}", $"continued by {appended.Number}");
        }

        SealNumber = appended.Number;
        SealHead = appended.Hash;
    }
}
