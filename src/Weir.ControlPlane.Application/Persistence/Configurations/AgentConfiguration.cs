using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Application.Persistence.Conversions;
using Weir.ControlPlane.Domain.Agents;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class AgentConfiguration : IEntityTypeConfiguration<Agent>
{
    public void Configure(EntityTypeBuilder<Agent> builder)
    {
        builder.ToTable("agents");
        builder.HasKey(e => new { e.OrganizationId, e.Id });
        builder.Property(e => e.Name).HasMaxLength(63);
        builder.Property(e => e.Labels).HasJson();
        builder.Property(e => e.IdentityPublicKey).HasMaxLength(500);
        builder.Property(e => e.Version).HasMaxLength(100);
        builder.Property(e => e.AdvertisedEndpoint).HasMaxLength(300);
        builder.Property(e => e.Capabilities).HasJson();
        builder.Property(e => e.SnapshotError).HasMaxLength(2000);
        builder.Ignore(e => e.IsConnected);
        builder.Ignore(e => e.IsRemoved);
        builder.HasIndex(e => new { e.OrganizationId, e.Name }).IsUnique();

        // Looked up before the organization is known.
        builder.HasIndex(e => e.Id).IsUnique();
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
