using System.Text;
using Weir.Agent.Sessions.Budgets;
using Weir.Policy.Analysis;
using Weir.Protocol.Postgres.Frontend;

namespace Weir.Agent.Sessions.Statements;

/// <summary>
/// Prepared statements, portals and cursors of a session, as they are once everything that was forwarded has been carried out. What turns out not to
/// be carried out is undone with the previous value that each change gives.
/// </summary>
internal sealed class SessionNames
{
    /// <summary>Cursors whose rows are counted one by one.</summary>
    private const int MaxFetched = 1000;

    private readonly Dictionary<byte[], PreparedStatement> _prepared = new(ByteSequenceComparer.Instance);
    private readonly Dictionary<byte[], Portal> _portals = new(ByteSequenceComparer.Instance);
    private readonly Dictionary<string, (StatementAnalysis Analysis, bool IsHeld)> _cursors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ReadCount> _fetched = new(StringComparer.Ordinal);
    private readonly Dictionary<byte[], PreparedStatement>.AlternateLookup<ReadOnlySpan<byte>> _preparedLookup;
    private PreparedStatement? _unnamed;
    private Portal? _unnamedPortal;
    private Portal? _spare;

    public SessionNames() => _preparedLookup = _prepared.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>Named ones.</summary>
    public int PreparedCount => _prepared.Count;

    public int PortalCount => _portals.Count;

    /// <summary>Estimated bytes of named prepared statements, portals and cursors.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>There is no room for another name.</summary>
    public bool IsFull(SessionOptions options) =>
        _prepared.Count >= options.MaxPreparedStatements || _portals.Count + _cursors.Count >= options.MaxPreparedStatements || HeldBytes >= options.MaxPreparedBytes;

    /// <summary>Analyses a prepared statement under the present surroundings; set by the gate.</summary>
    public Func<PreparedStatement, StatementAnalysis?> Analyze { get; set; } = static _ => null;

    public PreparedStatement? FindPrepared(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
            return _unnamed;
        return _preparedLookup.TryGetValue(name, out var found) ? found : null;
    }

    /// <summary>Null removes it. Gives what was there before.</summary>
    public PreparedStatement? SetPrepared(ReadOnlySpan<byte> name, PreparedStatement? statement)
    {
        PreparedStatement? previous;
        if (name.IsEmpty)
        {
            previous = _unnamed;
            _unnamed = statement;
            return previous;
        }

        var lookup = _prepared.GetAlternateLookup<ReadOnlySpan<byte>>();
        lookup.TryGetValue(name, out previous);
        HeldBytes += (statement?.Cost ?? 0) - (previous?.Cost ?? 0);
        if (statement is null)
            lookup.Remove(name);
        else
            lookup[name] = statement;
        return previous;
    }

    public Portal? FindPortal(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
            return _unnamedPortal;
        return _portals.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var found) ? found : null;
    }

    public Portal? SetPortal(ReadOnlySpan<byte> name, Portal? portal)
    {
        Portal? previous;
        if (name.IsEmpty)
        {
            previous = _unnamedPortal;
            _unnamedPortal = portal;
            if (previous is not null && !ReferenceEquals(previous, portal))
                _spare = previous;
            return previous;
        }

        var lookup = _portals.GetAlternateLookup<ReadOnlySpan<byte>>();
        lookup.TryGetValue(name, out previous);
        HeldBytes += (portal?.Cost ?? 0) - (previous?.Cost ?? 0);
        if (portal is null)
            lookup.Remove(name);
        else
            lookup[name] = portal;
        return previous;
    }

    /// <summary>
    /// What has been fetched of a cursor so far. It is not forgotten with a transaction: the cursor may outlive it, and may have been opened where nobody
    /// saw how.
    /// </summary>
    public ReadCount FetchedOf(string cursor)
    {
        if (FindPortal(Encoding.UTF8.GetBytes(cursor)) is { } portal && cursor.Length > 0)
            return portal.Returned ??= new ReadCount();
        if (!_fetched.TryGetValue(cursor, out var count))
        {
            // Beyond that all the others count as one.
            if (_fetched.Count >= MaxFetched && !_fetched.TryGetValue("", out count))
                cursor = "";
            count ??= _fetched[cursor] = new ReadCount();
        }

        return count;
    }

    /// <summary>A portal to be bound: one that nothing refers to any more, or a new one.</summary>
    public Portal RentPortal(bool isNamed)
    {
        if (!isNamed && _spare is { References: 0 } spare)
        {
            _spare = null;
            return spare;
        }

        return new Portal();
    }

    /// <summary>The transaction is over: portals and cursors that don't outlive it are gone.</summary>
    /// <param name="run">Number of the Sync or Query that ended it: what was bound behind it belongs to the next one.</param>
    public void OnTransactionOver(long run)
    {
        if (_portals.Count > 0)
        {
            foreach (var (name, portal) in _portals)
            {
                if (portal.Run < run)
                    SetPortal(name, null);
            }
        }

        if (_unnamedPortal is { } unnamed && unnamed.Run < run)
        {
            _spare = unnamed;
            _unnamedPortal = null;
        }

        if (_cursors.Count == 0)
            return;
        foreach (var (name, cursor) in _cursors)
        {
            if (!cursor.IsHeld)
                _cursors.Remove(name);
        }
    }

    /// <summary>Something was rolled back: no cursor is certain to be what it was.</summary>
    public void OnRollback() => _cursors.Clear();

    /// <summary>What a completed SQL statement did to the names.</summary>
    /// <param name="text">The text that the statement's offsets point into.</param>
    /// <returns>True when something changed.</returns>
    public bool OnCompleted(StatementAnalysis statement, ReadOnlySpan<byte> text)
    {
        if (statement.Command.StartsWith("DISCARD", StringComparison.Ordinal))
        {
            if (statement.Command == "DISCARD ALL")
            {
                ClearPrepared();
                _unnamed = null;
                _cursors.Clear();
                _fetched.Clear();
            }

            return true;
        }

        if (statement.PreparedName is { } name)
            return OnPrepared(statement, name, text);
        if (statement.CursorName is not { } cursor || statement.Command is "FETCH" or "MOVE")
            return false;
        if (cursor == "*")
            _fetched.Clear();
        else
            _fetched.Remove(cursor);
        if (statement.Inner is { } inner)
            _cursors[cursor] = (inner, IsHeld: true);
        else if (cursor == "*")
            _cursors.Clear();
        else
            _cursors.Remove(cursor);
        return true;
    }

    public IReadOnlyDictionary<string, StatementAnalysis> PreparedAnalyses() =>
        new NamedAnalysisView(name => _prepared.TryGetValue(Encoding.UTF8.GetBytes(name), out var prepared) ? Analyze(prepared) : null);

    /// <summary>Cursors of DECLARE, and named portals: to the server they are the same.</summary>
    public IReadOnlyDictionary<string, StatementAnalysis> CursorAnalyses() =>
        new NamedAnalysisView(name => _cursors.TryGetValue(name, out var cursor)
            ? cursor.Analysis
            : _portals.TryGetValue(Encoding.UTF8.GetBytes(name), out var portal) ? Analyze(portal.Statement) : null);

    private void ClearPrepared()
    {
        foreach (var prepared in _prepared.Values)
            HeldBytes -= prepared.Cost;
        _prepared.Clear();
    }

    private bool OnPrepared(StatementAnalysis statement, string name, ReadOnlySpan<byte> text)
    {
        var key = Encoding.UTF8.GetBytes(name);
        switch (statement.Command)
        {
            case "PREPARE" when statement.Inner is { } inner:
                var isCut = inner.Length > 0 && inner.Start >= 0 && inner.Start + inner.Length <= text.Length;
                SetPrepared(key, new PreparedStatement(isCut ? text.Slice(inner.Start, inner.Length).ToArray() : []) { Analysis = inner });
                return true;
            case "DEALLOCATE ALL":
            case "DEALLOCATE" when name == "*":
                ClearPrepared();
                return true;
            case "DEALLOCATE":
                SetPrepared(key, null);
                return true;
            default:
                return false;
        }
    }
}
