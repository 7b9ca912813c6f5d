using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Agent.Sessions.Holds;

/// <summary>What a dry run says to the server around the statement. Every name has its schema, because search_path is the client's.</summary>
internal static class DryRunSql
{
    public const int SampleRows = 5;

    private static readonly string Nonce = "weir_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));

    // The number that rows changed by this subtransaction bear: of those that the session holds the youngest, as long as something was changed. Looked for when the first row is asked for.
    private const string Own =
        """
        (SELECT l.transactionid FROM pg_catalog.pg_locks l WHERE l.locktype OPERATOR(pg_catalog.=) 'transactionid' AND l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
        AND l.mode OPERATOR(pg_catalog.=) 'ExclusiveLock' AND l.granted ORDER BY pg_catalog.age(l.transactionid) LIMIT 1)
        """;

    /// <summary>Of a prepared statement and of a portal.</summary>
    public static byte[] Name { get; } = Encoding.ASCII.GetBytes(Nonce);

    /// <summary>The session's defaults hold for all but the isolation: a serializable transaction could make those of others fail.</summary>
    public static byte[] Begin { get; } = "BEGIN ISOLATION LEVEL READ COMMITTED"u8.ToArray();

    public static byte[] Rollback { get; } = "ROLLBACK"u8.ToArray();

    public static byte[] Savepoint { get; } = Encoding.ASCII.GetBytes($"SAVEPOINT {Nonce}");

    public static byte[] RollbackToSavepoint { get; } = Encoding.ASCII.GetBytes($"ROLLBACK TO SAVEPOINT {Nonce}");

    public static byte[] ReleaseSavepoint { get; } = Encoding.ASCII.GetBytes($"RELEASE SAVEPOINT {Nonce}");

    public static byte[] SampleSavepoint { get; } = Encoding.ASCII.GetBytes($"SAVEPOINT {Nonce}_sample");

    public static byte[] RollbackToSample { get; } = Encoding.ASCII.GetBytes($"ROLLBACK TO SAVEPOINT {Nonce}_sample");

    /// <summary>Sets the limits, and tells whether rows are counted and how the transaction is isolated.</summary>
    public static byte[] Limits { get; } =
        """
        SELECT pg_catalog.current_setting('track_counts'), pg_catalog.current_setting('transaction_isolation'), pg_catalog.set_config('statement_timeout', '5s', true),
        pg_catalog.set_config('lock_timeout', '1s', true)
        """u8.ToArray();

    public static byte[] SampleLimit { get; } = "SELECT pg_catalog.set_config('statement_timeout', '1s', true)"u8.ToArray();

    /// <summary>Rows that the transaction has changed so far, by table; what was undone to a savepoint stays counted.</summary>
    public static byte[] Counts { get; } =
        """
        SELECT CASE WHEN t.relpersistence OPERATOR(pg_catalog.=) 't' THEN 'pg_temp'
        ELSE (SELECT n.nspname::pg_catalog.text FROM pg_catalog.pg_namespace n WHERE n.oid OPERATOR(pg_catalog.=) t.relnamespace) END
        OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) t.relname::pg_catalog.text, t.changed
        FROM (SELECT c.relpersistence, c.relnamespace, c.relname, pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_updated(c.oid)
        OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid) AS changed FROM pg_catalog.pg_class c
        WHERE c.relkind OPERATOR(pg_catalog.=) 'r' AND c.oid OPERATOR(pg_catalog.>=) '16384'::pg_catalog.oid OFFSET 0) t
        WHERE t.changed OPERATOR(pg_catalog.>) 0
        """u8.ToArray();

    /// <summary>A cursor sees the table as it is when the cursor is opened. Read after the statement, the rows that the statement has replaced or deleted are those that bear its number.</summary>
    /// <param name="table">Quoted.</param>
    public static byte[] DeclareBefore(string table) =>
        Encoding.UTF8.GetBytes($"DECLARE {Nonce}_before NO SCROLL CURSOR FOR SELECT t.* FROM {table} t WHERE t.xmax OPERATOR(pg_catalog.=) {Own}");

    public static byte[] FetchBefore { get; } = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"FETCH {SampleRows} FROM {Nonce}_before"));

    /// <inheritdoc cref="DeclareBefore"/>
    public static byte[] SelectAfter(string table) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"SELECT t.* FROM {table} t WHERE t.xmin OPERATOR(pg_catalog.=) {Own} LIMIT {SampleRows}"));
}
