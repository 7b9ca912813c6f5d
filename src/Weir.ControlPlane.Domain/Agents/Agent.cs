using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Agents;

/// <summary>A data-plane process. It proves itself with the private half of its identity key, which never leaves it.</summary>
public sealed class Agent(
    OrganizationId organizationId,
    AgentId id,
    string name,
    IReadOnlyDictionary<string, string> labels,
    byte[] identityPublicKey,
    string version,
    DateTimeOffset enrolledAt) : ITenantOwned
{
    public OrganizationId OrganizationId { get; private set; } = organizationId;

    public AgentId Id { get; private set; } = id;

    /// <summary>Unique in the organization; connections choose agents by it.</summary>
    public string Name { get; private set; } = name;

    public IReadOnlyDictionary<string, string> Labels { get; private set; } = labels;

    /// <summary>SubjectPublicKeyInfo (DER) of an ECDSA P-256 key.</summary>
    public byte[] IdentityPublicKey { get; private set; } = identityPublicKey;

    public string Version { get; private set; } = version;

    public DateTimeOffset EnrolledAt { get; private set; } = enrolledAt;

    public DateTimeOffset? LastSeenAt { get; private set; }

    public DateTimeOffset? ConnectedAt { get; private set; }

    /// <summary>Where clients reach it directly, as host:port; empty when they can't.</summary>
    public string AdvertisedEndpoint { get; private set; } = "";

    public IReadOnlyList<string> Capabilities { get; private set; } = [];

    /// <summary>The policy version that it acknowledged last.</summary>
    public long SnapshotVersion { get; private set; }

    /// <summary>Why it refused the last snapshot, if it did.</summary>
    public string? SnapshotError { get; private set; }

    public int LiveSessions { get; private set; }

    public long SpoolBytes { get; private set; }

    public long SpoolCapacityBytes { get; private set; }

    public DateTimeOffset? RemovedAt { get; private set; }

    public bool IsConnected => ConnectedAt is not null;

    public bool IsRemoved => RemovedAt is not null;

    /// <summary>The same name enrolls again, with a new key: whoever holds the old one is shut out.</summary>
    public void Reenroll(IReadOnlyDictionary<string, string> labels, byte[] identityPublicKey, string version, DateTimeOffset now)
    {
        Labels = labels;
        IdentityPublicKey = identityPublicKey;
        Version = version;
        EnrolledAt = now;
        ConnectedAt = null;
        RemovedAt = null;
    }

    public void Connect(string version, IReadOnlyList<string> capabilities, string advertisedEndpoint, long snapshotVersion, DateTimeOffset now)
    {
        RefuseRemoved("connected");
        Version = version;
        Capabilities = capabilities;
        AdvertisedEndpoint = advertisedEndpoint;
        SnapshotVersion = snapshotVersion;
        ConnectedAt = now;
        LastSeenAt = now;
    }

    public void Disconnect(DateTimeOffset now)
    {
        ConnectedAt = null;
        LastSeenAt = now;
        LiveSessions = 0;
    }

    public void Seen(int liveSessions, long spoolBytes, long spoolCapacityBytes, DateTimeOffset now)
    {
        RefuseRemoved("heard");
        LiveSessions = liveSessions;
        SpoolBytes = spoolBytes;
        SpoolCapacityBytes = spoolCapacityBytes;
        LastSeenAt = now;
    }

    public void Acknowledged(long version)
    {
        SnapshotVersion = version;
        SnapshotError = null;
    }

    public void Refused(string reason) => SnapshotError = reason;

    public void Remove(DateTimeOffset now)
    {
        RefuseRemoved("removed");
        RemovedAt = now;
        ConnectedAt = null;
    }

    private void RefuseRemoved(string attempted)
    {
        if (IsRemoved)
        {
            throw new IllegalTransitionException("agent", "removed", attempted);
        }
    }
}
