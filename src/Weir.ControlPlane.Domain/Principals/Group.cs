using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Principals;

/// <summary>A named set of principals; rules and approvals speak of groups.</summary>
public sealed class Group(OrganizationId organizationId, GroupId id, string name, DateTimeOffset createdAt) : ITenantOwned
{
    public const int MaxNameLength = 128;

    public OrganizationId OrganizationId { get; private set; } = organizationId;

    public GroupId Id { get; private set; } = id;

    public string Name { get; private set; } = name;

    public DateTimeOffset CreatedAt { get; private set; } = createdAt;
}
