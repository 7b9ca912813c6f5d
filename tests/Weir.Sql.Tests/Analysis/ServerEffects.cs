using Npgsql;
using NpgsqlTypes;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis.Naming;

namespace Weir.Sql.Tests.Analysis;

/// <summary>
/// What a statement really did, seen from inside its transaction: rows of which tables (the server's own count, triggers and cascades included), rows of the system's
/// catalogs, new files of tables, locks that keep others out, and whether it was given a transaction id at all.
/// </summary>
internal sealed record ServerEffects(bool WasGivenId, IReadOnlyList<ServerEffects.Table> Tables, IReadOnlyList<string> NewFiles, IReadOnlyList<string> Locked)
{
    /// <summary>What needs no transaction id.</summary>
    private const Effects Passive = Effects.Read | Effects.CopyOut | Effects.Transaction | Effects.Session;

    /// <summary>What may do anything, and is treated so.</summary>
    private const Effects Anything = Effects.Call | Effects.Dynamic | Effects.Unknown;

    private const Effects Definitions = Effects.Create | Effects.Alter | Effects.Drop | Effects.Grant | Effects.Maintenance | Effects.Replication;

    // Kinds of temporary relations and of TOAST tables are left out: what is done to them belongs to the session, or to another table.
    private const string Counts =
        """
        SELECT n.nspname, c.relname, c.oid, c.oid < 16384,
          pg_stat_get_xact_tuples_inserted(c.oid), pg_stat_get_xact_tuples_updated(c.oid), pg_stat_get_xact_tuples_deleted(c.oid),
          ARRAY(WITH RECURSIVE a AS (SELECT inhparent FROM pg_catalog.pg_inherits WHERE inhrelid = c.oid
            UNION SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN a ON i.inhrelid = a.inhparent) SELECT inhparent::bigint FROM a)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
          AND pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid) > 0
        """;

    private const string Files = "SELECT c.oid::bigint, c.relfilenode::bigint, n.nspname || '.' || c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.oid >= 16384";

    private const string Locks =
        """
        SELECT DISTINCT n.nspname || '.' || c.relname FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE l.pid = pg_backend_pid() AND l.granted AND c.oid >= 16384 AND c.relpersistence <> 't' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
          AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
        """;

    /// <summary>Runs a statement in a transaction of its own.</summary>
    /// <param name="keep">Whether it is committed.</param>
    /// <returns>Null when it failed or can't run in a transaction.</returns>
    public static async Task<ServerEffects?> ObserveAsync(NpgsqlConnection connection, string sql, bool keep, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
            // The server's count holds also what the transactions before have done, until that is handed on.
            var before = (await TablesAsync(connection, cancellationToken)).ToDictionary(t => t.Oid);
            var filesBefore = await FilesAsync(connection, cancellationToken);
            await using (var command = new NpgsqlCommand(sql, connection) { Parameters = { new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Integer, Value = 1 } }, AllResultTypesAreUnknown = true })
                await command.ExecuteNonQueryAsync(cancellationToken);
            bool wroteAtAll = (await RowsAsync(connection, "SELECT pg_current_xact_id_if_assigned() IS NOT NULL", cancellationToken))[0][0] is true;
            var tables = (await TablesAsync(connection, cancellationToken)).Select(t => t.Since(before.GetValueOrDefault(t.Oid))).Where(t => t.Inserted + t.Updated + t.Deleted > 0).ToList();
            var locked = (await RowsAsync(connection, Locks, cancellationToken)).Select(r => (string)r[0]!).ToList();
            var newFiles = (await FilesAsync(connection, cancellationToken)).Where(f => filesBefore.TryGetValue(f.Key, out var before) && before.File != f.Value.File).Select(f => f.Value.Name).ToList();
            if (keep)
                await transaction.CommitAsync(cancellationToken);
            else
                await transaction.RollbackAsync(cancellationToken);
            return new ServerEffects(wroteAtAll, tables, newFiles, locked);
        }
        catch (Exception fault) when (fault is NpgsqlException or InvalidOperationException or NotSupportedException or InvalidCastException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>What the server did and the analysis does not tell of; empty when they agree.</summary>
    public IEnumerable<string> MissedBy(StatementAnalysis analysis)
    {
        Effects effects = analysis.Effects;
        // The session's own objects have rows in the catalogs too.
        bool isOwn = analysis.ChangesTemporaryObjects || analysis.Command.StartsWith("DISCARD", StringComparison.Ordinal)
            || analysis.Relations.Any(r => (r.Effects & ~Passive) != 0 && r.Candidates.Any(c => c.Schema == RelationResolution.TemporarySchema));
        // These functions take an id and do nothing with it.
        bool asksForId = analysis.Functions.Any(f => f.Candidates.Any(c => c.Name is "pg_current_xact_id" or "txid_current"));
        if (WasGivenId && (effects & ~Passive) == 0 && !asksForId && !isOwn)
            yield return "it was given a transaction id";
        if ((effects & Anything) != 0)
            yield break;
        foreach (Table table in Tables)
        {
            if (table.IsSystem)
            {
                if ((effects & (Definitions | Effects.Truncate)) == 0 && !isOwn && !IsTold(analysis, table, Effects.Insert | Effects.Update | Effects.Delete))
                    yield return $"it changed {table.Name}";
                continue;
            }

            // A new or altered table is filled by the definition itself.
            bool isDefined = (effects & (Effects.Create | Effects.Alter | Effects.Maintenance)) != 0;
            // An UPDATE may move rows from one partition to another.
            Effects moved = table.Ancestors.Count > 0 ? Effects.Update : Effects.None;
            if (table.Inserted > 0 && !isDefined && !IsTold(analysis, table, Effects.Insert | Effects.CopyIn | moved))
                yield return $"it inserted into {table.Name}";
            if (table.Updated > 0 && !IsTold(analysis, table, Effects.Update))
                yield return $"it updated {table.Name}";
            if (table.Deleted > 0 && (effects & Effects.Maintenance) == 0 && !IsTold(analysis, table, Effects.Delete | moved))
                yield return $"it deleted from {table.Name}";
        }

        if (NewFiles.Count > 0 && (effects & (Effects.Truncate | Definitions)) == 0)
            yield return $"it gave a new file to {string.Join(", ", NewFiles)}";
        if (Locked.Count > 0 && (effects & (Effects.Lock | Effects.Truncate | Definitions)) == 0)
            yield return $"it kept others from {string.Join(", ", Locked)}";
    }

    private static bool IsTold(StatementAnalysis analysis, Table table, Effects effects) =>
        analysis.Relations.Any(r => (r.Effects & effects) != 0 && (r.Oid == table.Oid || r.IsAmbiguous || r.Candidates.Contains(table.Name)));

    private static async Task<IEnumerable<Table>> TablesAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await RowsAsync(connection, Counts, cancellationToken)).Select(r => new Table(
            new QualifiedName((string)r[0]!, (string)r[1]!), (uint)r[2]!, (bool)r[3]!, (long)r[4]!, (long)r[5]!, (long)r[6]!, [.. ((long[])r[7]!).Select(o => (uint)o)]));

    private static async Task<Dictionary<long, (long File, string Name)>> FilesAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await RowsAsync(connection, Files, cancellationToken)).ToDictionary(r => (long)r[0]!, r => ((long)r[1]!, (string)r[2]!));

    private static async Task<List<object?[]>> RowsAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<object?[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new object?[reader.FieldCount];
            for (int i = 0; i < row.Length; i++)
                row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            rows.Add(row);
        }

        return rows;
    }

    internal sealed record Table(QualifiedName Name, uint Oid, bool IsSystem, long Inserted, long Updated, long Deleted, IReadOnlyList<uint> Ancestors)
    {
        public Table Since(Table? before) =>
            before is null ? this : this with { Inserted = Inserted - before.Inserted, Updated = Updated - before.Updated, Deleted = Deleted - before.Deleted };
    }
}
