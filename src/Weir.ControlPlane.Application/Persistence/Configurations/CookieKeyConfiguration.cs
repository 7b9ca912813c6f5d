using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Weir.ControlPlane.Application.Persistence.Configurations;

internal sealed class CookieKeyConfiguration : IEntityTypeConfiguration<CookieKey>
{
    public void Configure(EntityTypeBuilder<CookieKey> builder)
    {
        builder.ToTable("cookie_keys");
        builder.HasKey(e => e.Id);
    }
}
