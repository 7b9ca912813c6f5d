using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>A principal, group or role changed.</summary>
public sealed record PrincipalsChanged(OrganizationId Organization) : ClusterSignal(Organization);
