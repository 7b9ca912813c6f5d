using Weir.ControlPlane.Domain.Access;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Signals;

public sealed record AccessRequestChanged(OrganizationId Organization, AccessRequestId Request) : ClusterSignal(Organization);
