using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class ApiTokenConfiguration : IEntityTypeConfiguration<ApiToken>
{
    public void Configure(EntityTypeBuilder<ApiToken> builder)
    {
        builder.ToTable("api_tokens");
        builder.HasKey(e => new { e.OrganizationId, e.Id });
        builder.Property(e => e.Name).HasMaxLength(100);
        builder.Property(e => e.Prefix).HasMaxLength(16);
        builder.Property(e => e.SecretHash).HasMaxLength(32);

        // Looked up before the organization is known.
        builder.HasIndex(e => e.SecretHash).IsUnique();
        builder.HasIndex(e => new { e.OrganizationId, e.PrincipalId });
        builder.HasOne<Principal>().WithMany().HasForeignKey(e => new { e.OrganizationId, e.PrincipalId }).OnDelete(DeleteBehavior.Restrict);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
