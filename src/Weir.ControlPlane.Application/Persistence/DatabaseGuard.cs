using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Weir.ControlPlane.Application.Persistence;

/// <summary>What has to be true of the database before anything is served.</summary>
public sealed class DatabaseGuard(ControlPlaneOptions options)
{
    /// <exception cref="InvalidOperationException">The role goes round row-level security or could, a table has none, or a migration is missing.</exception>
    public async Task EnsureSafeAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(options.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        // Rights that it could take by SET ROLE count as its own.
        const string boundless = """
            SELECT string_agg(rolname, ', ' ORDER BY rolname) FROM pg_roles WHERE (rolsuper OR rolbypassrls) AND pg_has_role(current_user, oid, 'MEMBER')
            """;
        if (await AskAsync(connection, boundless, cancellationToken) is { } roles)
        {
            throw new InvalidOperationException(
                $"The server's database role is or can become {roles}, a superuser or a role with BYPASSRLS: organizations would not be kept apart. Use a role without.");
        }

        const string owned = """
            SELECT string_agg(relname, ', ' ORDER BY relname)
            FROM pg_class
            WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND pg_has_role(current_user, relowner, 'MEMBER')
            """;
        if (await AskAsync(connection, owned, cancellationToken) is { } tables)
        {
            throw new InvalidOperationException($"The server's database role owns {tables}: an owner can switch row-level security off. Use a role that owns nothing.");
        }

        const string unprotected = """
            SELECT string_agg(t.relname, ', ' ORDER BY t.relname)
            FROM pg_class t
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
            WHERE t.relkind IN ('r', 'p') AND t.relnamespace = 'public'::regnamespace AND NOT (t.relrowsecurity AND t.relforcerowsecurity)
            """;
        if (await AskAsync(connection, unprotected, cancellationToken) is { } open)
        {
            throw new InvalidOperationException($"Row-level security is off for {open}.");
        }

        await using var db = new WeirDbContext(new DbContextOptionsBuilder<WeirDbContext>().UseNpgsql(connection).Options, new Authorization.ActorScope());
        var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            throw new InvalidOperationException($"The database lacks {string.Join(", ", pending)}: run \"weir-server migrate\".");
        }
    }

    private static async Task<string?> AskAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }
}
