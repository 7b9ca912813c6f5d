using Google.Protobuf;
using Weir.Agent.Configuration;
using Weir.Agent.Policies;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.Policy.Snapshots;

namespace Weir.Agent.Recording;

/// <summary>Records sessions into the spool.</summary>
internal sealed class Recorder(Spool spool, SpoolDurability durability, PolicyHolder policies, Guid organizationId, Guid agentId, TimeProvider time) : IRecorder
{
    public Spool Spool => spool;

    /// <summary>Statements wait for the disk before they are forwarded.</summary>
    public bool IsStrict => durability == SpoolDurability.Strict;

    public TimeProvider Time => time;

    /// <summary>Recording limits in force.</summary>
    public PolicySettings Settings => policies.Current?.Snapshot.Settings ?? PolicySettings.Default;

    public ISessionRecording? TryOpen(SessionStart start)
    {
        var started = new SessionStarted
        {
            Principal = ContractMapping.ToContract(start.Principal),
            Connection = start.Connection,
            CredentialId = start.CredentialId,
            ClientAddress = start.ClientAddress,
            Tls = start.Tls,
            Relayed = start.Relayed,
            ApplicationName = Utf8Text.Cut(start.ApplicationName, RecordingLimits.ClientText),
            UpstreamUser = start.UpstreamUser,
            ServerVersion = start.ServerVersion,
            OrganizationId = ContractMapping.ToBytes(organizationId),
            AgentId = ContractMapping.ToBytes(agentId),
            SnapshotVersion = start.SnapshotVersion,
            Protocol = start.Protocol,
            GrantId = start.GrantId is { } grant ? ContractMapping.ToBytes(grant) : ByteString.Empty,
            UpstreamProcessId = start.UpstreamProcessId,
        };
        foreach (var (key, value) in start.Context.Take(64))
            started.Context[Utf8Text.Cut(key, RecordingLimits.ClientText)] = Utf8Text.Cut(value, RecordingLimits.ClientText);
        var recording = new SessionRecording(this, new SessionChain(start.SessionId));
        return recording.TryStart(started) ? recording : null;
    }

    /// <summary>Seals the recordings that an earlier process left open: their sessions died with it.</summary>
    /// <returns>How many there were.</returns>
    public int SealAbandoned()
    {
        var open = spool.OpenSessions();
        foreach (var chain in open)
            new SessionRecording(this, chain).Ended(new SessionEnd(SessionEndReason.Failed, "The agent stopped.", 0, 0));
        return open.Count;
    }
}
