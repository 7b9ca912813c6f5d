using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Domain.Sessions;

/// <summary>One client on one connection, from start to end, as its recording tells it. Rows are made and changed by ingest alone, but for the wish that it end.</summary>
public sealed class Session : ITenantOwned
{
    private Session()
    {
        PrincipalName = OnBehalfOf = Connection = CredentialId = ClientAddress = ApplicationName = UpstreamUser = ServerVersion = Protocol = "";
        PrincipalKind = "";
        LastHash = [];
        Context = new Dictionary<string, string>();
    }

    public OrganizationId OrganizationId { get; private set; }

    public SessionId Id { get; private set; }

    public AgentId AgentId { get; private set; }

    public PrincipalId PrincipalId { get; private set; }

    public string PrincipalName { get; private set; }

    public string PrincipalKind { get; private set; }

    /// <summary>Name of the user an AI agent acted for; empty for none.</summary>
    public string OnBehalfOf { get; private set; }

    public string Connection { get; private set; }

    public string CredentialId { get; private set; }

    public Guid? GrantId { get; private set; }

    public string ClientAddress { get; private set; }

    public bool Tls { get; private set; }

    public bool Relayed { get; private set; }

    public string ApplicationName { get; private set; }

    public IReadOnlyDictionary<string, string> Context { get; private set; }

    public string UpstreamUser { get; private set; }

    public string ServerVersion { get; private set; }

    public string Protocol { get; private set; }

    public long SnapshotVersion { get; private set; }

    public DateTimeOffset StartedAt { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    public SessionStatus Status { get; private set; }

    public string? EndReason { get; private set; }

    public string? EndDetail { get; private set; }

    /// <summary>Why it is to end, once somebody wants that; shown to the client.</summary>
    public string? TerminationReason { get; private set; }

    public long Statements { get; private set; }

    public long Denied { get; private set; }

    public long BytesIn { get; private set; }

    public long BytesOut { get; private set; }

    /// <summary>Sequence of the last event that is stored.</summary>
    public long LastSequence { get; private set; }

    /// <summary>SHA-256 of the last event's bytes.</summary>
    public byte[] LastHash { get; private set; }

    public RecordingIntegrity Integrity { get; private set; }

    /// <summary>What was wrong first.</summary>
    public string? IntegrityFault { get; private set; }
}
