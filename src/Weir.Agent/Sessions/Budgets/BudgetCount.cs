using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions.Budgets;

/// <summary>
/// Asks the server, inside the client's transaction, how many rows that transaction has changed so far in which tables. It is the server's own count, so that
/// triggers, cascades and functions are in it. Rows of temporary tables don't count.
/// </summary>
internal sealed class BudgetCount(RelayState state)
{
    /// <summary>Why nothing can be told about changed rows.</summary>
    public const string Uncounted = "the database does not count changed rows (track_counts is off)";

    private static readonly byte[] Name = Encoding.ASCII.GetBytes("weir-count-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12)));

    // Everything with its schema: search_path is the client's. The first row tells whether the server counts at all, the second changes when this transaction or a part of it
    // (in progress, and no older than itself) gives a table a new file: TRUNCATE does that, and counts nothing. A new table has its oid as the number of its file.
    private static readonly byte[] Text =
        """
        SELECT 'track_counts'::pg_catalog.text, CASE WHEN pg_catalog.current_setting('track_counts') OPERATOR(pg_catalog.=) 'on' THEN 1 ELSE 0 END::pg_catalog.int8
        UNION ALL
        SELECT 'files', coalesce(pg_catalog.sum(c.relfilenode::pg_catalog.int8), 0)::pg_catalog.int8 FROM pg_catalog.pg_class c
        WHERE c.relkind OPERATOR(pg_catalog.=) 'r' AND c.relpersistence OPERATOR(pg_catalog.<>) 't' AND c.oid OPERATOR(pg_catalog.>=) '16384'::pg_catalog.oid
        AND c.relfilenode OPERATOR(pg_catalog.<>) c.oid AND pg_catalog.age(c.xmin) OPERATOR(pg_catalog.<=) 0
        AND pg_catalog.pg_xact_status((pg_catalog.pg_current_xact_id_if_assigned()::pg_catalog.text::pg_catalog.int8 OPERATOR(pg_catalog.-) pg_catalog.age(c.xmin))::pg_catalog.text::pg_catalog.xid8)
        OPERATOR(pg_catalog.=) 'in progress'
        UNION ALL
        SELECT (SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.oid OPERATOR(pg_catalog.=) t.relnamespace)::pg_catalog.text OPERATOR(pg_catalog.||) '.'
        OPERATOR(pg_catalog.||) t.relname::pg_catalog.text, t.changed
        FROM (SELECT c.relnamespace, c.relname, pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_updated(c.oid)
        OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid) AS changed FROM pg_catalog.pg_class c
        WHERE c.relkind OPERATOR(pg_catalog.=) 'r' AND c.relpersistence OPERATOR(pg_catalog.<>) 't' AND c.oid OPERATOR(pg_catalog.>=) '16384'::pg_catalog.oid OFFSET 0) t
        WHERE t.changed OPERATOR(pg_catalog.>) 0
        """u8.ToArray();

    private Dictionary<string, long> _before = [];
    private Dictionary<string, long> _now = [];
    private long _filesBefore;
    private long _files;
    private bool _isCounting;

    /// <summary>There is a count to compare with.</summary>
    public bool HasBaseline { get; private set; }

    /// <summary>The server does not count (track_counts is off), so that what it said means nothing.</summary>
    public bool IsBlind => !_isCounting;

    /// <summary>A table was emptied or written anew as a whole since the count before.</summary>
    public bool HasNewFiles => _files != _filesBefore;

    public void Send()
    {
        Parse.Write(state.ToUpstream, Name, Text);
        state.InFlight.Add(InFlightKind.Parse).Purpose = InFlightPurpose.Measure;
        BindWriter.Begin(state.ToUpstream, Name, Name, [], 0).End([]);
        state.InFlight.Add(InFlightKind.Bind).Purpose = InFlightPurpose.Measure;
        Execute.Write(state.ToUpstream, Name);
        state.InFlight.Add(InFlightKind.Execute).Purpose = InFlightPurpose.Measure;
        SendCloses(state, Name, InFlightPurpose.Measure);
    }

    public static void SendCloses(RelayState state, ReadOnlySpan<byte> name, InFlightPurpose purpose)
    {
        foreach (var target in (ReadOnlySpan<TargetKind>)[TargetKind.Portal, TargetKind.Statement])
        {
            Close.Write(state.ToUpstream, target, name);
            ref var entry = ref state.InFlight.Add(InFlightKind.Close);
            entry.Purpose = purpose;
            entry.Target = target;
        }
    }

    public void OnRow(ReadOnlySpan<byte> body)
    {
        string? name = null;
        foreach (var field in DataRow.Read(body).Fields)
        {
            if (name is null)
                name = Encoding.UTF8.GetString(field.Value);
            else if (Utf8Parser.TryParse(field.Value, out long count, out _))
                Take(name, count);
        }
    }

    /// <summary>The count is complete.</summary>
    /// <returns>Rows changed by table since the count before; empty for the first of a transaction.</returns>
    public Dictionary<string, long> Finish()
    {
        var changed = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (table, rows) in _now)
        {
            if (HasBaseline && rows > _before.GetValueOrDefault(table))
                changed[table] = rows - _before.GetValueOrDefault(table);
        }

        return changed;
    }

    /// <summary>What was counted last is what the next count is compared with.</summary>
    public void Rebase()
    {
        (_before, _now) = (_now, _before);
        _now.Clear();
        _filesBefore = _files;
        HasBaseline = true;
    }

    /// <summary>The transaction is over.</summary>
    public void Forget() => HasBaseline = false;

    private void Take(string name, long count)
    {
        // A table's name has a dot in it.
        switch (name)
        {
            case "track_counts":
                _isCounting = count == 1;
                break;
            case "files":
                _files = count;
                break;
            default:
                _now[name] = count;
                break;
        }
    }
}
