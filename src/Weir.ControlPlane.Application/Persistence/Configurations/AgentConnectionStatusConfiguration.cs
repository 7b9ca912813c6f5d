using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Application.Persistence.Conversions;
using Weir.ControlPlane.Domain.Agents;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class AgentConnectionStatusConfiguration : IEntityTypeConfiguration<AgentConnectionStatus>
{
    public void Configure(EntityTypeBuilder<AgentConnectionStatus> builder)
    {
        builder.ToTable("agent_connection_statuses");
        builder.HasKey(e => new { e.OrganizationId, e.AgentId, e.Connection });
        builder.Property(e => e.Connection).HasMaxLength(63);
        builder.Property(e => e.Detail).HasMaxLength(2000);
        builder.Property(e => e.IdleMaskingRules).HasJson();
        builder.HasOne<Agent>().WithMany().HasForeignKey(e => new { e.OrganizationId, e.AgentId }).OnDelete(DeleteBehavior.Cascade);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
