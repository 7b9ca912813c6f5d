using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Signals;

/// <summary>A credential, grant or principal changed; agents get the delta up to <paramref name="Sequence"/>.</summary>
public sealed record CredentialsChanged(OrganizationId Organization, long Sequence) : ClusterSignal(Organization);
