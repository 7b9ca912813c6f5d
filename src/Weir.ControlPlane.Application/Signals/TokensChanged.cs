using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>An API token was made or revoked.</summary>
public sealed record TokensChanged(OrganizationId Organization) : ClusterSignal(Organization);
