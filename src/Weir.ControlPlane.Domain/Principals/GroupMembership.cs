using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Domain.Principals;

public sealed class GroupMembership(OrganizationId organizationId, GroupId groupId, PrincipalId principalId, MembershipSource source, DateTimeOffset createdAt) : ITenantOwned
{
    public OrganizationId OrganizationId { get; private set; } = organizationId;

    public GroupId GroupId { get; private set; } = groupId;

    public PrincipalId PrincipalId { get; private set; } = principalId;

    public MembershipSource Source { get; private set; } = source;

    public DateTimeOffset CreatedAt { get; private set; } = createdAt;
}
