using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Weir.ControlPlane.Application.Authorization;

namespace Weir.ControlPlane.Application.Persistence;

/// <summary>For <c>dotnet ef migrations add</c>, which needs the model but no database.</summary>
internal sealed class DesignTimeDbContextFactory : IDesignTimeDbContextFactory<WeirDbContext>
{
    public WeirDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<WeirDbContext>().UseNpgsql("Host=127.0.0.1").Options, new ActorScope());
}
