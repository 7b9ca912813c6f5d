using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>An agent is to end a session.</summary>
/// <param name="Reason">Shown to the client.</param>
public sealed record SessionTermination(OrganizationId Organization, AgentId Agent, SessionId Session, string Reason) : ClusterSignal(Organization);
