using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Application.Persistence.Conversions;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class SessionStatementConfiguration : IEntityTypeConfiguration<SessionStatement>
{
    public void Configure(EntityTypeBuilder<SessionStatement> builder)
    {
        builder.ToTable("session_statements");
        builder.HasKey(e => new { e.OrganizationId, e.SessionId, e.Number });
        builder.Property(e => e.Parameters).HasJson();
        builder.Property(e => e.Decision).HasMaxLength(16);
        builder.Property(e => e.Reasons).HasJson();
        builder.Property(e => e.Effects).HasJson();
        builder.Property(e => e.Relations).HasJson();
        builder.Property(e => e.Command).HasMaxLength(300);
        builder.Property(e => e.Protocol).HasMaxLength(16);
        builder.Property(e => e.Status).HasMaxLength(16);
        builder.Property(e => e.CommandTag).HasMaxLength(300);
        builder.Property(e => e.SqlState).HasMaxLength(5);
        builder.Property(e => e.RowsHash).HasMaxLength(32);
        builder.HasIndex(e => new { e.OrganizationId, e.ReviewId }).HasFilter("review_id IS NOT NULL");
        builder.HasOne<Session>().WithMany().HasForeignKey(e => new { e.OrganizationId, e.SessionId }).OnDelete(DeleteBehavior.Cascade);
    }
}
