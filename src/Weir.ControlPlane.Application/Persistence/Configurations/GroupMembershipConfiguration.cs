using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class GroupMembershipConfiguration : IEntityTypeConfiguration<GroupMembership>
{
    public void Configure(EntityTypeBuilder<GroupMembership> builder)
    {
        builder.ToTable("group_memberships");
        builder.HasKey(e => new { e.OrganizationId, e.PrincipalId, e.GroupId, e.Source });
        builder.HasOne<Group>().WithMany().HasForeignKey(e => new { e.OrganizationId, e.GroupId }).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Principal>().WithMany().HasForeignKey(e => new { e.OrganizationId, e.PrincipalId }).OnDelete(DeleteBehavior.Restrict);
    }
}
