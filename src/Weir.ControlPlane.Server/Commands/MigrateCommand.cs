using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Server.Configuration;

namespace Weir.ControlPlane.Server.Commands;

/// <summary>Brings the database to this version's schema, as the owner of the tables.</summary>
internal static class MigrateCommand
{
    public static async Task RunAsync(ServerOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var applied = await DatabaseMigration.ApplyAsync(DatabaseAddress.ToConnectionString(options.MigrationDatabaseUrl), cancellationToken);
        foreach (var migration in applied)
        {
            await output.WriteLineAsync($"applied {migration}");
        }

        if (applied.Count == 0)
        {
            await output.WriteLineAsync("the schema is up to date");
        }
    }
}
