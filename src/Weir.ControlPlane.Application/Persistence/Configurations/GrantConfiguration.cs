using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class GrantConfiguration : IEntityTypeConfiguration<Grant>
{
    public void Configure(EntityTypeBuilder<Grant> builder)
    {
        builder.ToTable("grants");
        builder.HasKey(e => new { e.OrganizationId, e.Id });
        builder.Property(e => e.Connection).HasMaxLength(63);
        builder.Property(e => e.RevokedBy).HasMaxLength(Principal.MaxNameLength);
        builder.HasIndex(e => new { e.OrganizationId, e.ChangedSequence });
        builder.HasIndex(e => new { e.OrganizationId, e.PrincipalId });
        builder.HasIndex(e => new { e.OrganizationId, e.Status, e.EndsAt });
        builder.HasOne<Principal>().WithMany().HasForeignKey(e => new { e.OrganizationId, e.PrincipalId }).OnDelete(DeleteBehavior.Restrict);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
