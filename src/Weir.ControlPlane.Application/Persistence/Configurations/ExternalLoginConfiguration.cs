using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class ExternalLoginConfiguration : IEntityTypeConfiguration<ExternalLogin>
{
    public void Configure(EntityTypeBuilder<ExternalLogin> builder)
    {
        builder.ToTable("external_logins");
        builder.HasKey(e => new { e.OrganizationId, e.Issuer, e.Subject });
        builder.Property(e => e.Issuer).HasMaxLength(500);
        builder.Property(e => e.Subject).HasMaxLength(255);
        builder.HasIndex(e => new { e.OrganizationId, e.PrincipalId });
        builder.HasOne<Principal>().WithMany().HasForeignKey(e => new { e.OrganizationId, e.PrincipalId }).OnDelete(DeleteBehavior.Restrict);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
