using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>An agent connected, went away, or was removed.</summary>
/// <param name="IsShutOut">It was removed, or enrolled anew with another key: whoever is connected under its id must be dropped.</param>
public sealed record AgentChanged(OrganizationId Organization, AgentId Agent, bool IsShutOut) : ClusterSignal(Organization);
