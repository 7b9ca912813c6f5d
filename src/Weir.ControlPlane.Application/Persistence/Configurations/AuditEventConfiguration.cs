using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Application.Persistence.Conversions;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Audit;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class AuditEventConfiguration : IEntityTypeConfiguration<AuditEvent>
{
    public void Configure(EntityTypeBuilder<AuditEvent> builder)
    {
        builder.ToTable("audit_events");
        builder.HasKey(e => new { e.OrganizationId, e.Sequence });
        builder.Property(e => e.ActorName).HasMaxLength(Principal.MaxNameLength);
        builder.Property(e => e.ActorKind).HasMaxLength(32);
        builder.Property(e => e.Action).HasMaxLength(63);
        builder.Property(e => e.TargetKind).HasMaxLength(63);
        builder.Property(e => e.TargetId).HasMaxLength(300);
        builder.Property(e => e.BeforeDigest).HasMaxLength(64);
        builder.Property(e => e.AfterDigest).HasMaxLength(64);
        builder.Property(e => e.Details).HasJson();
        builder.Property(e => e.PreviousHash).HasMaxLength(32);
        builder.Property(e => e.Hash).HasMaxLength(32);
    }
}
