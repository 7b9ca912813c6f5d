using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Weir.ControlPlane.Application.Persistence.Conversions;
using Weir.ControlPlane.Domain.Principals;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class AccessRequestConfiguration : IEntityTypeConfiguration<AccessRequest>
{
    public void Configure(EntityTypeBuilder<AccessRequest> builder)
    {
        builder.ToTable("access_requests");
        builder.HasKey(e => new { e.OrganizationId, e.Id });
        builder.Property(e => e.PrincipalName).HasMaxLength(Principal.MaxNameLength);
        builder.Property(e => e.Connection).HasMaxLength(63);
        builder.Property(e => e.Reason).HasMaxLength(AccessRequest.MaxReasonLength);
        builder.Property(e => e.Rule).HasMaxLength(63);
        builder.Property(e => e.Approvers).HasJson();
        builder.Property(e => e.Approvals).HasJson();
        builder.Property(e => e.DecidedBy).HasMaxLength(Principal.MaxNameLength);
        builder.Property(e => e.Comment).HasMaxLength(2000);
        builder.HasIndex(e => new { e.OrganizationId, e.Status, e.CreatedAt });
        builder.HasOne<Principal>().WithMany().HasForeignKey(e => new { e.OrganizationId, e.PrincipalId }).OnDelete(DeleteBehavior.Restrict);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
