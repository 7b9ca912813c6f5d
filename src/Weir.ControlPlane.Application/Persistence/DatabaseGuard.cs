using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Weir.ControlPlane.Application.Persistence;

/// <summary>What has to be true of the database before anything is served.</summary>
public sealed class DatabaseGuard(ControlPlaneOptions options)
{
    /// <exception cref="InvalidOperationException">The role goes round row-level security, a table has none, or a migration is missing.</exception>
    public async Task EnsureSafeAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(options.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using (var command = new NpgsqlCommand("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user", connection))
        {
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
            {
                throw new InvalidOperationException("The server's database role is a superuser or has BYPASSRLS: organizations would not be kept apart. Use a role without.");
            }
        }

        const string unprotected = """
            SELECT string_agg(t.relname, ', ' ORDER BY t.relname)
            FROM pg_class t
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
            WHERE t.relkind IN ('r', 'p') AND t.relnamespace = 'public'::regnamespace AND NOT (t.relrowsecurity AND t.relforcerowsecurity)
            """;
        await using (var command = new NpgsqlCommand(unprotected, connection))
        {
            if (await command.ExecuteScalarAsync(cancellationToken) is string tables)
            {
                throw new InvalidOperationException($"Row-level security is off for {tables}.");
            }
        }

        await using var db = new WeirDbContext(new DbContextOptionsBuilder<WeirDbContext>().UseNpgsql(connection).Options, new Authorization.ActorScope());
        var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            throw new InvalidOperationException($"The database lacks {string.Join(", ", pending)}: run \"weir-server migrate\".");
        }
    }
}
