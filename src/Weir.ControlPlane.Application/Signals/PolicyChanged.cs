using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Signals;

public sealed record PolicyChanged(OrganizationId Organization, long Version) : ClusterSignal(Organization);
