using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Documents;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class DocumentSecretConfiguration : IEntityTypeConfiguration<DocumentSecret>
{
    public void Configure(EntityTypeBuilder<DocumentSecret> builder)
    {
        builder.ToTable("document_secrets");
        builder.HasKey(e => new { e.OrganizationId, e.DocumentId, e.Slot });
        builder.Property(e => e.Slot).HasMaxLength(63);
        builder.HasOne<PolicyDocumentRecord>().WithMany().HasForeignKey(e => new { e.OrganizationId, e.DocumentId }).OnDelete(DeleteBehavior.Cascade);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
