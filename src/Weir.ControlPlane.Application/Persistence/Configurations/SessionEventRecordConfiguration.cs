using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class SessionEventRecordConfiguration : IEntityTypeConfiguration<SessionEventRecord>
{
    public void Configure(EntityTypeBuilder<SessionEventRecord> builder)
    {
        builder.ToTable("session_events");
        builder.HasKey(e => new { e.OrganizationId, e.SessionId, e.Sequence });
        builder.Property(e => e.Hash).HasMaxLength(32);
        builder.HasOne<Session>().WithMany().HasForeignKey(e => new { e.OrganizationId, e.SessionId }).OnDelete(DeleteBehavior.Cascade);
    }
}
