using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class LocalLoginConfiguration : IEntityTypeConfiguration<LocalLogin>
{
    public void Configure(EntityTypeBuilder<LocalLogin> builder)
    {
        builder.ToTable("local_logins");
        builder.HasKey(e => new { e.OrganizationId, e.PrincipalId });
        builder.Property(e => e.PasswordHash).HasMaxLength(500);
        builder.HasOne<Principal>().WithMany().HasForeignKey(e => new { e.OrganizationId, e.PrincipalId }).OnDelete(DeleteBehavior.Restrict);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
