using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class OrganizationSettingsConfiguration : IEntityTypeConfiguration<OrganizationSettings>
{
    public void Configure(EntityTypeBuilder<OrganizationSettings> builder)
    {
        builder.ToTable("organization_settings");
        builder.HasKey(e => e.OrganizationId);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
