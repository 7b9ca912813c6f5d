using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Application.Persistence.Conversions;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class WebhookConfiguration : IEntityTypeConfiguration<Webhook>
{
    public void Configure(EntityTypeBuilder<Webhook> builder)
    {
        builder.ToTable("webhooks");
        builder.HasKey(e => new { e.OrganizationId, e.Id });
        builder.Property(e => e.Name).HasMaxLength(63);
        builder.Property(e => e.ProtectedUrl).HasMaxLength(4000);
        builder.Property(e => e.ShownUrl).HasMaxLength(500);
        builder.Property(e => e.Events).HasJson();
        builder.Property(e => e.ConnectionLabels).HasJson();
        builder.Property(e => e.ProtectedSecret).HasMaxLength(200);
        builder.Property(e => e.ProtectedPreviousSecret).HasMaxLength(200);
        builder.Property(e => e.DisabledBecause).HasMaxLength(500);
        builder.Property(e => e.LastError).HasMaxLength(Webhook.MaxErrorLength);
        builder.HasIndex(e => new { e.OrganizationId, e.Name }).IsUnique();
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
