using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Application.Persistence.Conversions;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class ReviewConfiguration : IEntityTypeConfiguration<Review>
{
    public void Configure(EntityTypeBuilder<Review> builder)
    {
        builder.ToTable("reviews");
        builder.HasKey(e => new { e.OrganizationId, e.Id });
        builder.Property(e => e.PrincipalName).HasMaxLength(Principal.MaxNameLength);
        builder.Property(e => e.Connection).HasMaxLength(63);
        builder.Property(e => e.Parameters).HasJson();
        builder.Property(e => e.Reasons).HasJson();
        builder.Property(e => e.Binding).HasMaxLength(64);
        builder.Property(e => e.ShapeBinding).HasMaxLength(64);
        builder.Property(e => e.Context).HasJson();
        builder.Property(e => e.Relations).HasJson();
        builder.Property(e => e.SensitiveColumns).HasJson();
        builder.Property(e => e.RowsChanged).HasJson();
        builder.Property(e => e.Samples).HasJson();
        builder.Property(e => e.NotRunBecause).HasMaxLength(2000);
        builder.Property(e => e.Reviewers).HasJson();
        builder.Property(e => e.Approvals).HasJson();
        builder.Property(e => e.DecidedBy).HasMaxLength(Principal.MaxNameLength);
        builder.Property(e => e.Comment).HasMaxLength(2000);
        builder.HasIndex(e => new { e.OrganizationId, e.Status, e.CreatedAt });
        builder.HasIndex(e => new { e.OrganizationId, e.AgentId, e.Status });
        // Looked for with each new review: whether it is covered already.
        builder.HasIndex(e => new { e.OrganizationId, e.AgentId, e.WindowUntil }).HasFilter("window_until IS NOT NULL");
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
