using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Application.Persistence.Conversions;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class SessionConfiguration : IEntityTypeConfiguration<Session>
{
    public void Configure(EntityTypeBuilder<Session> builder)
    {
        builder.ToTable("sessions");
        builder.HasKey(e => new { e.OrganizationId, e.Id });
        builder.Property(e => e.PrincipalName).HasMaxLength(Principal.MaxNameLength);
        builder.Property(e => e.PrincipalKind).HasMaxLength(32);
        builder.Property(e => e.OnBehalfOf).HasMaxLength(Principal.MaxNameLength);
        builder.Property(e => e.Connection).HasMaxLength(63);
        builder.Property(e => e.CredentialId).HasMaxLength(64);
        builder.Property(e => e.ClientAddress).HasMaxLength(300);
        builder.Property(e => e.ApplicationName).HasMaxLength(1000);
        builder.Property(e => e.Context).HasJson();
        builder.Property(e => e.UpstreamUser).HasMaxLength(300);
        builder.Property(e => e.ServerVersion).HasMaxLength(300);
        builder.Property(e => e.Protocol).HasMaxLength(63);
        builder.Property(e => e.EndReason).HasMaxLength(63);
        builder.Property(e => e.EndDetail).HasMaxLength(2000);
        builder.Property(e => e.TerminationReason).HasMaxLength(1000);
        builder.Property(e => e.LastHash).HasMaxLength(32);
        builder.Property(e => e.IntegrityFault).HasMaxLength(500);
        builder.HasIndex(e => new { e.OrganizationId, e.StartedAt, e.Id });
        builder.HasIndex(e => new { e.OrganizationId, e.PrincipalId, e.StartedAt });
        builder.HasIndex(e => new { e.OrganizationId, e.AgentId, e.Status });
    }
}
