using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Signals;

/// <param name="Agent">The agent that holds the statement.</param>
public sealed record ReviewChanged(OrganizationId Organization, ReviewId Review, AgentId Agent) : ClusterSignal(Organization);
