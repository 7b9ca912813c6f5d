using Weir.Agent.Policies;
using Weir.Agent.Recording;
using Weir.Agent.Reviews;

namespace Weir.Agent.Link;

/// <summary>What a connection to the control plane works on; outlives every connection.</summary>
internal sealed record LinkState(
    SnapshotStore Snapshots,
    CredentialDirectory Credentials,
    ReviewDesk Reviews,
    Spool Spool,
    EventPump Events,
    ConnectionStatusBoard Statuses,
    ILinkedSessions Sessions);
