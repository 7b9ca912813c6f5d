using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Audit;

/// <summary>Who changed or saw what in the control plane. Events of an organization are numbered and each carries the hash of the one before.</summary>
public sealed class AuditEvent : ITenantOwned
{
    private AuditEvent()
    {
        Action = TargetKind = TargetId = ActorName = ActorKind = "";
        PreviousHash = Hash = [];
        Details = new SortedDictionary<string, string>(StringComparer.Ordinal);
    }

    public OrganizationId OrganizationId { get; private set; }

    /// <summary>From 1, without gaps in an organization.</summary>
    public long Sequence { get; private set; }

    public DateTimeOffset At { get; private set; }

    public Guid? ActorId { get; private set; }

    public string ActorName { get; private set; }

    /// <summary>user, service_account, ai_agent, agent, system or anonymous.</summary>
    public string ActorKind { get; private set; }

    /// <summary>What was done, as <c>noun.verb</c>: <c>document.apply</c>.</summary>
    public string Action { get; private set; }

    public string TargetKind { get; private set; }

    public string TargetId { get; private set; }

    /// <summary>SHA-256 of the target as it was before; null when it was not there, or nothing changed.</summary>
    public string? BeforeDigest { get; private set; }

    public string? AfterDigest { get; private set; }

    /// <summary>Only what is classified as fit for an audit log.</summary>
    public IReadOnlyDictionary<string, string> Details { get; private set; }

    public byte[] PreviousHash { get; private set; }

    public byte[] Hash { get; private set; }

    /// <summary>Makes the next event of an organization and moves the chain's head to it.</summary>
    public static AuditEvent Append(OrganizationCounters counters, AuditActor actor, AuditEntry entry, DateTimeOffset now)
    {
        var audit = new AuditEvent
        {
            OrganizationId = counters.OrganizationId,
            Sequence = counters.AuditSequence + 1,
            At = Timestamp.Truncate(now),
            ActorId = actor.Id,
            ActorName = actor.Name,
            ActorKind = actor.Kind,
            Action = entry.Action,
            TargetKind = entry.TargetKind,
            TargetId = entry.TargetId,
            BeforeDigest = entry.BeforeDigest,
            AfterDigest = entry.AfterDigest,
            Details = entry.Details,
            PreviousHash = counters.AuditHead,
        };
        audit.Hash = audit.ComputeHash();
        counters.Advance(audit);
        return audit;
    }

    /// <summary>Whether the event is what was written; the link to the one before is the caller's to compare.</summary>
    public bool IsGenuine() => Hash.AsSpan().SequenceEqual(ComputeHash());

    private byte[] ComputeHash()
    {
        using var hash = new HashWriter();
        hash.Add(PreviousHash).Add(OrganizationId.Value).Add(Sequence).Add(Timestamp.UnixMicros(At)).Add(ActorId?.ToString()).Add(ActorName)
            .Add(ActorKind).Add(Action).Add(TargetKind).Add(TargetId).Add(BeforeDigest).Add(AfterDigest).Add(Details.Count);
        foreach (var (key, value) in Details.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            hash.Add(key).Add(value);
        }

        return hash.Finish();
    }
}
