using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class OrganizationCountersConfiguration : IEntityTypeConfiguration<OrganizationCounters>
{
    public void Configure(EntityTypeBuilder<OrganizationCounters> builder)
    {
        builder.ToTable("organization_counters");
        builder.HasKey(e => e.OrganizationId);
        builder.Property(e => e.AuditHead).HasMaxLength(32);
        builder.Property(e => e.SealHead).HasMaxLength(32);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
