using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Application.Persistence.Conversions;
using Weir.ControlPlane.Domain.Documents;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class PolicyDocumentRecordConfiguration : IEntityTypeConfiguration<PolicyDocumentRecord>
{
    public void Configure(EntityTypeBuilder<PolicyDocumentRecord> builder)
    {
        builder.ToTable("policy_documents");
        builder.HasKey(e => new { e.OrganizationId, e.Id });
        builder.Property(e => e.Kind).HasMaxLength(63);
        builder.Property(e => e.Name).HasMaxLength(63);
        builder.Property(e => e.Labels).HasJson();
        builder.HasIndex(e => new { e.OrganizationId, e.Kind, e.Name }).IsUnique();
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
