using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class SessionSealConfiguration : IEntityTypeConfiguration<SessionSeal>
{
    public void Configure(EntityTypeBuilder<SessionSeal> builder)
    {
        builder.ToTable("session_seals");
        builder.HasKey(e => new { e.OrganizationId, e.Number });
        builder.Property(e => e.LastHash).HasMaxLength(32);
        builder.Property(e => e.PreviousHash).HasMaxLength(32);
        builder.Property(e => e.Hash).HasMaxLength(32);
        builder.Property(e => e.Signature).HasMaxLength(72);
        builder.HasIndex(e => new { e.OrganizationId, e.SessionId }).IsUnique();
    }
}
