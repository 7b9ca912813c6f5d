using System.Collections.Immutable;
using Weir.Agent.Catalog;
using Weir.Agent.Sessions.Judging;
using Weir.Agent.Sessions.Statements;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Compilation;
using Weir.Sql.Analysis;
using Weir.Sql.Catalog;

namespace Weir.Agent.Sessions;

/// <summary>
/// What the names in a statement mean right now, and the policy under which they are judged. Every change starts a new generation: what was
/// worked out in an older one is worked out again.
/// </summary>
internal sealed class Surroundings
{
    /// <summary>Temporary tables that are asked for at once; the values of others are masked as those of an unknown table.</summary>
    private const int MaxTables = 32;

    private readonly AgentServices _services;
    private readonly CatalogSource _source;
    private readonly SessionNames _names;
    private readonly string _connection;
    private readonly int _serverVersion;
    private readonly Principal _principal;
    private string? _searchPath;
    private string _currentUser;
    private CatalogSnapshot? _catalog;
    private readonly List<string> _newTables = [];
    private readonly HashSet<uint> _temporaryOids = [];
    private TemporaryObjects _temporary = TemporaryObjects.None;
    private bool _movedSettings;
    private bool _movedTemporary;
    private JudgementCache? _cache;
    private AnalysisContext? _context;

    public Surroundings(AgentServices services, RelayStart start, SessionNames names)
    {
        _services = services;
        _source = start.Catalog;
        _names = names;
        _connection = start.Identity.ConnectionName;
        _principal = start.Identity.Principal;
        _serverVersion = start.Probe.ServerVersion;
        _searchPath = start.Probe.SearchPath;
        _currentUser = start.Probe.CurrentUser;
        SessionUser = start.Probe.SessionUser;
        Compiled = start.Policy;
        Right = start.Identity.Right;
        Policy = start.Policy.ForSession(_principal, _connection, Right);
        _catalog = _source.Current;
    }

    public int Generation { get; private set; }

    public CompiledPolicy Compiled { get; private set; }

    public AccessRight Right { get; private set; }

    public SessionPolicy Policy { get; private set; }

    public string SessionUser { get; private set; }

    public string CurrentUser => _currentUser;

    /// <summary>Null when it is not known.</summary>
    public string? SearchPathText => _searchPath;

    /// <summary>Settings may have changed: the server must be asked before the next statement is judged.</summary>
    public bool IsStale { get; private set; }

    /// <summary>The server must be asked something before the next statement is judged.</summary>
    public bool NeedsProbe => IsStale || (_newTables.Count > 0 && Policy.HasMasking);

    /// <summary>Oids of temporary tables whose columns the analysis follows: their RowDescription names no other origin.</summary>
    public IReadOnlySet<uint> TemporaryOids => _temporaryOids;

    /// <summary>Something changed inside the open transaction that its rollback would undo.</summary>
    public bool MovedInTransaction { get; private set; }

    /// <summary>DDL of this session has not shown up in the shared catalog yet.</summary>
    public bool AwaitsCatalog { get; private set; }

    /// <summary>Statements of this session so far that changed what the shared catalog holds.</summary>
    public int CatalogChanges { get; private set; }

    /// <summary>The catalog at hand; null while what it says is not certain.</summary>
    public CatalogSnapshot? Catalog => AwaitsCatalog ? null : _catalog;

    /// <summary>A function by its oid; null when it is not known. Those of the system stay what they are while definitions of the session wait to be seen.</summary>
    public FunctionSignature? FindFunction(uint oid) => _catalog?.FindFunction(oid) is { } found && (found.IsSystem || !AwaitsCatalog) ? found : null;

    /// <summary>Looks at what others change: policy and catalog. Called once per statement.</summary>
    public void Refresh()
    {
        if (!AwaitsCatalog && !ReferenceEquals(_source.Current, _catalog))
        {
            _catalog = _source.Current;
            Next();
        }
    }

    /// <summary>Another policy or right is in force.</summary>
    public void Use(CompiledPolicy policy, AccessRight right)
    {
        if (ReferenceEquals(policy, Compiled) && right == Right)
            return;
        Compiled = policy;
        Right = right;
        var next = policy.ForSession(_principal, _connection, right);
        if (ReferenceEquals(next, Policy))
            return;
        Policy = next;
        Next();
    }

    /// <param name="spare">A judgement that nothing refers to any more; may come back as the result.</param>
    public Judgement? Find(ReadOnlySpan<byte> text, Judgement? spare = null)
    {
        var found = Cache.Find(text, spare);
        return found?.ValidUntil is { } until && until <= _services.Time.GetUtcNow() ? null : found;
    }

    public void Store(Judgement judgement)
    {
        if (ReferenceEquals(judgement.Policy, Policy))
            Cache.Store(judgement);
    }

    public Judge Judge(string pinned, bool isUnknown) => new(
        _services.Analyzer,
        Policy,
        isUnknown ? Context with { SearchPath = default } : Context,
        Compiled.Version,
        Right.Level,
        pinned,
        _services.Time.GetUtcNow());

    /// <summary>The server's answer to what the settings are.</summary>
    public void OnProbed(string searchPath, string currentUser, string sessionUser)
    {
        IsStale = false;
        SessionUser = sessionUser;
        if (searchPath == _searchPath && currentUser == _currentUser)
            return;
        _searchPath = searchPath;
        _currentUser = currentUser;
        Next();
    }

    /// <summary>The server reported the setting itself (since version 18).</summary>
    public void OnSearchPathReported(string searchPath)
    {
        if (searchPath == _searchPath)
            return;
        _searchPath = searchPath;
        Next();
    }

    public void MarkStale() => IsStale = true;

    /// <summary>Names of temporary tables whose oids are not known yet; they are not given twice.</summary>
    public string[] TakeNewTables()
    {
        string[] taken = [.. _newTables];
        _newTables.Clear();
        return taken;
    }

    /// <summary>The server was not asked for them after all.</summary>
    public void GiveBack(string[] tables) => _newTables.AddRange(tables);

    public void OnTemporaryTable(uint oid) => _temporaryOids.Add(oid);

    /// <summary>A statement that moves things succeeded.</summary>
    /// <param name="inTransaction">A rollback would undo it.</param>
    /// <returns>True when the shared catalog has to be read again.</returns>
    public bool OnMoved(StatementAnalysis statement, bool inTransaction)
    {
        MovedInTransaction |= inTransaction;
        var changesSettings = (statement.Effects & (Effects.Call | Effects.Dynamic)) != 0 || statement.Command.StartsWith("DISCARD ALL", StringComparison.Ordinal);
        foreach (var change in statement.Settings)
            changesSettings |= change.Name is "" or "*" or "search_path" or "role" or "session_authorization";
        IsStale |= changesSettings;
        _movedSettings |= changesSettings;
        var temporary = _temporary.After(statement);
        _movedTemporary |= !ReferenceEquals(temporary, _temporary) || (statement.Effects & (Effects.Call | Effects.Dynamic)) != 0;
        if (!ReferenceEquals(temporary, _temporary))
        {
            _temporary = temporary;
            OnTemporaryChanged(statement);
            Next();
        }

        if (!statement.ChangesCatalog)
            return false;
        AwaitsCatalog = true;
        CatalogChanges++;
        Next();
        return true;
    }

    /// <summary>The transaction ended, or a part of it was undone.</summary>
    /// <param name="wasUndone">Rolled back, wholly or to a savepoint.</param>
    /// <param name="isOver">No transaction is open any more.</param>
    public void OnTransactionEnd(bool wasUndone, bool isOver)
    {
        if (!MovedInTransaction)
            return;
        // What SET LOCAL changed comes back at a commit too.
        IsStale |= wasUndone || _movedSettings;
        if (wasUndone && _movedTemporary)
        {
            _temporary = _temporary.Uncertain();
            _temporaryOids.Clear();
            _newTables.Clear();
            Next();
        }
        else if (!ReferenceEquals(_temporary, _temporary.AfterTransaction()))
        {
            _temporary = _temporary.AfterTransaction();
            Next();
        }

        MovedInTransaction &= !isOver;
        _movedSettings &= !isOver;
        _movedTemporary &= !isOver;
    }

    /// <summary>The shared catalog was read after this session's DDL was committed.</summary>
    public void OnCatalogFresh()
    {
        if (!AwaitsCatalog)
            return;
        AwaitsCatalog = false;
        _catalog = _source.Current;
        Next();
    }

    /// <summary>Prepared statements or cursors changed: private judgements are void.</summary>
    public void OnNamesChanged() => _context = null;

    private AnalysisContext Context => _context ??= new AnalysisContext(
        Catalog,
        _searchPath is null ? default : SearchPath.Parse(_searchPath),
        _currentUser,
        _temporary,
        _serverVersion)
    {
        PreparedStatements = _names.PreparedAnalyses(),
        Cursors = _names.CursorAnalyses(),
    };

    private JudgementCache Cache => _cache ??= ReferenceEquals(_temporary, TemporaryObjects.None) && _searchPath is not null
        ? _services.Judgements.Get(Policy, Catalog, _searchPath, _currentUser)
        : new JudgementCache();

    private void OnTemporaryChanged(StatementAnalysis statement)
    {
        if (statement.TemporaryMade.IsDefaultOrEmpty)
        {
            // One is gone; which oid was its own is not known. The others are asked for again.
            _temporaryOids.Clear();
            _newTables.Clear();
            _newTables.AddRange(_temporary.Relations.Keys.Take(MaxTables));
            return;
        }

        foreach (var made in statement.TemporaryMade)
        {
            if (_newTables.Count < MaxTables && made.View is null)
                _newTables.Add(made.Name);
        }
    }

    private void Next()
    {
        Generation++;
        _cache = null;
        _context = null;
    }
}
