using Npgsql;
using Weir.Testing.Postgres;

namespace Weir.ControlPlane.Application.Tests.Support;

/// <summary>A migrated database of one test.</summary>
/// <param name="SuperuserConnection">For what no role of the control plane may do.</param>
/// <param name="ServerConnection">The role that the server runs as: row-level security binds it.</param>
public sealed record ControlPlaneDatabase(PostgresServer Server, string Name, string SuperuserConnection, string OwnerConnection, string ServerConnection) : IAsyncDisposable
{
    /// <summary>Runs SQL behind the control plane's back, as superuser.</summary>
    public async Task<int> ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(SuperuserConnection);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Reads the first column of all rows, as superuser.</summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(SuperuserConnection);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var found = new List<T>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            found.Add(await reader.GetFieldValueAsync<T>(0));
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await using (var connection = new NpgsqlConnection(ServerConnection))
        {
            NpgsqlConnection.ClearPool(connection);
        }

        await Server.ExecuteAsync(PostgresServer.Superuser, $"DROP DATABASE IF EXISTS {Name} WITH (FORCE)", CancellationToken.None);
    }
}
