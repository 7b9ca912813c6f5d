using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>The audit log has more entries.</summary>
public sealed record AuditChanged(OrganizationId Organization) : ClusterSignal(Organization);
