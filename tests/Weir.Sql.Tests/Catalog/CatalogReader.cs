using Npgsql;
using Weir.Sql.Catalog;

namespace Weir.Sql.Tests.Catalog;

/// <summary>Loads a snapshot as the agent does: the queries, one transaction, text values.</summary>
internal static class CatalogReader
{
    public static async Task<CatalogSnapshot> LoadAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        foreach (string setting in CatalogQueries.Prepare.Split(';'))
            await ExecuteAsync(connection, setting, cancellationToken);
        await ExecuteAsync(connection, CatalogQueries.Begin, cancellationToken);
        string epoch = (await RowsAsync(connection, CatalogQueries.Probe, cancellationToken)).Single()[0]!;
        var builder = new CatalogSnapshotBuilder();
        foreach (CatalogQuery query in CatalogQueries.All)
        {
            foreach (string?[] row in await RowsAsync(connection, query.Sql, cancellationToken))
                builder.Add(query.Section, row);
        }

        await ExecuteAsync(connection, CatalogQueries.End, cancellationToken);
        return builder.Build(epoch);
    }

    public static async Task<string> ProbeAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        return (await RowsAsync(connection, CatalogQueries.Probe, cancellationToken)).Single()[0]!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<List<string?[]>> RowsAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<string?[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new string?[reader.FieldCount];
            for (int i = 0; i < row.Length; i++)
                row[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
            rows.Add(row);
        }

        return rows;
    }
}
