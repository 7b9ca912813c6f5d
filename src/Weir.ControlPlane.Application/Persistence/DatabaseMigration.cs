using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;

namespace Weir.ControlPlane.Application.Persistence;

/// <summary>Brings the database to this version's schema, as its owner; the server itself runs as a role that row-level security binds.</summary>
public static class DatabaseMigration
{
    /// <param name="ownerConnectionString">Of the role that owns the tables.</param>
    /// <returns>Names of the migrations that were applied.</returns>
    public static async Task<IReadOnlyList<string>> ApplyAsync(string ownerConnectionString, CancellationToken cancellationToken)
    {
        await using var db = new WeirDbContext(new DbContextOptionsBuilder<WeirDbContext>().UseNpgsql(ownerConnectionString).Options, new ActorScope());
        var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        await db.Database.MigrateAsync(cancellationToken);
        return pending;
    }
}
