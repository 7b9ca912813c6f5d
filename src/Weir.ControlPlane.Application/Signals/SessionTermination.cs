using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>An agent is to end a session, for the reason that stands with it.</summary>
public sealed record SessionTermination(OrganizationId Organization, AgentId Agent, SessionId Session) : ClusterSignal(Organization);
