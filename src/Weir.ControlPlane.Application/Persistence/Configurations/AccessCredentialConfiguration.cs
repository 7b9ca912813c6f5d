using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class AccessCredentialConfiguration : IEntityTypeConfiguration<AccessCredential>
{
    public void Configure(EntityTypeBuilder<AccessCredential> builder)
    {
        builder.ToTable("access_credentials");
        builder.HasKey(e => new { e.OrganizationId, e.Id });
        builder.Property(e => e.Connection).HasMaxLength(63);
        builder.Property(e => e.ScramVerifier).HasMaxLength(300);
        builder.Property(e => e.ClientKeyHash).HasMaxLength(32);

        // Globally unique: the relay looks it up before the organization is known.
        builder.HasIndex(e => e.Id).IsUnique();
        builder.HasIndex(e => new { e.OrganizationId, e.ChangedSequence });
        builder.HasIndex(e => new { e.OrganizationId, e.PrincipalId });
        builder.HasOne<Principal>().WithMany().HasForeignKey(e => new { e.OrganizationId, e.PrincipalId }).OnDelete(DeleteBehavior.Restrict);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
