using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class GroupConfiguration : IEntityTypeConfiguration<Group>
{
    public void Configure(EntityTypeBuilder<Group> builder)
    {
        builder.ToTable("groups");
        builder.HasKey(e => new { e.OrganizationId, e.Id });
        builder.Property(e => e.Name).HasMaxLength(Group.MaxNameLength);
        builder.HasIndex(e => new { e.OrganizationId, e.Name }).IsUnique();
    }
}
