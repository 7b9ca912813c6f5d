using Weir.ControlPlane.Application.Features.Reviews;
using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Signals;

/// <param name="Agent">The agent that holds the statement.</param>
public sealed record ReviewChanged(OrganizationId Organization, ReviewId Review, AgentId Agent) : ClusterSignal(Organization)
{
    /// <summary>
    /// What the agent is to be told, so that it need not be read while somebody waits; null for a change at another replica. It is
    /// told only where nothing later has been told about the review: see <see cref="AuditSequence"/>.
    /// </summary>
    public ReviewUpdate? Update { get; init; }

    /// <summary>False for what is nothing to the agent: whether somebody waits it knows best.</summary>
    public bool ConcernsAgent { get; init; } = true;

    /// <summary>The organization's last audit event after the change: every change of a review's state has one, so this is the order in which they were committed.</summary>
    public long AuditSequence { get; init; }
}
