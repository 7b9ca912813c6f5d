using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class OrganizationKeysConfiguration : IEntityTypeConfiguration<OrganizationKeys>
{
    public void Configure(EntityTypeBuilder<OrganizationKeys> builder)
    {
        builder.ToTable("organization_keys");
        builder.HasKey(e => e.OrganizationId);
    }
}
