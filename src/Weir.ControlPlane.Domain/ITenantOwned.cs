using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain;

/// <summary>Belongs to one organization and is invisible to all others: in every key, in the query filter and in row-level security.</summary>
public interface ITenantOwned
{
    OrganizationId OrganizationId { get; }
}
