using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class PrincipalConfiguration : IEntityTypeConfiguration<Principal>
{
    public void Configure(EntityTypeBuilder<Principal> builder)
    {
        builder.ToTable("principals");
        builder.HasKey(e => new { e.OrganizationId, e.Id });
        builder.Property(e => e.Name).HasMaxLength(Principal.MaxNameLength);
        builder.Property(e => e.DisplayName).HasMaxLength(200);
        builder.Ignore(e => e.IsDisabled);
        builder.HasIndex(e => new { e.OrganizationId, e.Name }).IsUnique();
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
