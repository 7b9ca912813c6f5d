using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Domain.Webhooks;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class WebhookDeliveryConfiguration : IEntityTypeConfiguration<WebhookDelivery>
{
    public void Configure(EntityTypeBuilder<WebhookDelivery> builder)
    {
        builder.ToTable("webhook_deliveries");
        builder.HasKey(e => new { e.OrganizationId, e.Id });
        builder.Property(e => e.Event).HasMaxLength(63);
        builder.Property(e => e.LastError).HasMaxLength(Webhook.MaxErrorLength);
        builder.HasIndex(e => new { e.OrganizationId, e.Status, e.NextAttemptAt });
        builder.HasIndex(e => new { e.OrganizationId, e.WebhookId, e.CreatedAt });
        builder.HasOne<Webhook>().WithMany().HasForeignKey(e => new { e.OrganizationId, e.WebhookId }).OnDelete(DeleteBehavior.Cascade);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
