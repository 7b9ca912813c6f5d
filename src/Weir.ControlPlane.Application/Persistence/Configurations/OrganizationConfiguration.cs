using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class OrganizationConfiguration : IEntityTypeConfiguration<Organization>
{
    public void Configure(EntityTypeBuilder<Organization> builder)
    {
        builder.ToTable("organizations");
        builder.HasKey(e => e.OrganizationId);
        builder.Property(e => e.Name).HasMaxLength(Organization.MaxNameLength);
        builder.HasIndex(e => e.Name).IsUnique();
    }
}
