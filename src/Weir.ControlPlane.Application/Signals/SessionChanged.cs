using Weir.ControlPlane.Domain.Organizations;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>A session began, went on or ended.</summary>
public sealed record SessionChanged(OrganizationId Organization, SessionId Session) : ClusterSignal(Organization);
