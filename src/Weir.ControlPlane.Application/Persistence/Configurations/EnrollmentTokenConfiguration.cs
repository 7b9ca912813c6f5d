using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Agents;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class EnrollmentTokenConfiguration : IEntityTypeConfiguration<EnrollmentToken>
{
    public void Configure(EntityTypeBuilder<EnrollmentToken> builder)
    {
        builder.ToTable("enrollment_tokens");
        builder.HasKey(e => new { e.OrganizationId, e.Id });
        builder.Property(e => e.AgentName).HasMaxLength(63);
        builder.Property(e => e.SecretHash).HasMaxLength(32);

        // Looked up before the organization is known.
        builder.HasIndex(e => e.SecretHash).IsUnique();
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
