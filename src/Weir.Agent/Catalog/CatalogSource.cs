using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Weir.Agent.Sessions;
using Weir.Agent.Upstream;
using Weir.Policy.Documents;
using Weir.Protocol.Postgres.Startup;
using Weir.Sql.Catalog;

namespace Weir.Agent.Catalog;

/// <summary>
/// What one database holds, read over a connection of its own and kept fresh while sessions use it: by a cheap probe at intervals, and at
/// once when a session saw DDL go by. Shared by all sessions of that database. Thread-safe.
/// </summary>
internal sealed class CatalogSource
{
    /// <summary>How long a source without sessions keeps its connection.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan QueryDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestStall = TimeSpan.FromSeconds(1);
    private const int MaxFailures = 5;
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(15);

    private readonly ConnectionDocument _connection;
    private readonly string _database;
    private readonly UpstreamRoles _roles;
    private readonly UpstreamConnector _connector;
    private readonly SessionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationToken _stop;
    private readonly Action<CatalogSnapshot> _onReplaced;
    private readonly Lock _gate = new();
    private readonly List<Action<string?>> _waiting = [];
    private readonly Queue<CatalogQuestion> _questions = new();
    private TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile CatalogSnapshot? _current;
    private AgentConnection? _open;
    private long _lastProbe;
    private int _users;
    private bool _isRunning;
    private int _failures;

    public CatalogSource(ConnectionDocument connection, string database, UpstreamRoles roles, UpstreamConnector connector, SessionOptions options, TimeProvider time, ILogger log, Action<CatalogSnapshot> onReplaced, CancellationToken stop)
    {
        _connection = connection;
        _database = database;
        _roles = roles;
        _connector = connector;
        _options = options;
        _time = time;
        _log = log;
        _stop = stop;
        _onReplaced = onReplaced;
    }

    /// <summary>The newest snapshot; null before the first.</summary>
    public CatalogSnapshot? Current => _current;

    /// <summary>The running loop, for whoever shuts down.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Nobody uses it, and its connection is closed.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
                return _users == 0 && !_isRunning;
        }
    }

    /// <summary>One more session uses it. <see cref="Leave"/> when it ends.</summary>
    public void Enter()
    {
        lock (_gate)
        {
            _users++;
            if (!_isRunning && !_stop.IsCancellationRequested)
            {
                _isRunning = true;
                Running = Task.Run(RunAsync, CancellationToken.None);
            }
        }
    }

    public void Leave()
    {
        lock (_gate)
            _users--;
    }

    /// <summary>Calls back, on any thread, perhaps at once, when the snapshot is known to be fresh.</summary>
    /// <param name="onReady">With null, or with a text for the client when the catalog can't be read.</param>
    public void WhenReady(Action<string?> onReady)
    {
        lock (_gate)
        {
            var isFresh = _current is not null && _open is { IsAlive: true } && _time.GetElapsedTime(_lastProbe) < _options.CatalogProbeInterval;
            if (!isFresh)
            {
                _waiting.Add(onReady);
                _wake.TrySetResult();
                return;
            }
        }

        onReady(null);
    }

    /// <summary>Something changed that the snapshot may hold: calls back when it has been looked at again.</summary>
    public void Refresh(Action<string?> onDone)
    {
        lock (_gate)
        {
            _waiting.Add(onDone);
            _wake.TrySetResult();
        }
    }

    /// <summary>Asks about a statement; runs on the catalog's connection between its own questions. The answer comes on any thread.</summary>
    public void Ask(CatalogQuestion question)
    {
        lock (_gate)
        {
            _questions.Enqueue(question);
            _wake.TrySetResult();
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever goes wrong with one attempt is logged, told to who waits, and tried again.")]
    private async Task RunAsync()
    {
        var retry = FirstRetry;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await ServeAsync().ConfigureAwait(false);
                if (TryStop())
                    return;
            }
            catch (Exception fault)
            {
                var detail = fault is UpstreamUnavailableException unavailable ? unavailable.Detail : fault.Message;
                _log.CatalogFailed(_connection.Metadata.Name, _database, detail);
                // DDL of others in the midst of reading fails it, where there is much of that several times: who waits is told when it fails again and again.
                if (++_failures >= (fault is UpstreamUnavailableException ? 2 : MaxFailures))
                    Answer(fault is UpstreamUnavailableException ? fault.Message : "weir: the database's catalog can't be read");
                if (TryStop())
                    return;
                await DelayAsync(retry < LongestStall ? retry : LongestStall).ConfigureAwait(false);
                if (retry > LongestStall)
                    await WaitAsync(retry - LongestStall).ConfigureAwait(false);
                retry = retry * 2 < LastRetry ? retry * 2 : LastRetry;
                continue;
            }

            retry = FirstRetry;
        }
    }

    private async Task ServeAsync()
    {
        var connection = await OpenAsync().ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            try
            {
                await PoolerProbe.RefuseTransactionPoolAsync(connection, OpenAsync, AskOneAsync).ConfigureAwait(false);
                await AskAsync(connection, CatalogQueries.Prepare, null).ConfigureAwait(false);
                await LoadAsync(connection).ConfigureAwait(false);
                lock (_gate)
                    _open = connection;
                Answer(null);
                while (await WaitForWorkAsync().ConfigureAwait(false))
                {
                    if (!connection.IsAlive)
                        return;
                    await AnswerQuestionsAsync(connection).ConfigureAwait(false);
                    var callers = TakeWaiting();
                    string? epoch = null;
                    await AskAsync(connection, CatalogQueries.Probe, row => epoch = row[0]).ConfigureAwait(false);
                    _lastProbe = _time.GetTimestamp();
                    if (epoch != _current!.Epoch)
                        await LoadAsync(connection).ConfigureAwait(false);
                    foreach (var caller in callers)
                        caller(null);
                }
            }
            finally
            {
                lock (_gate)
                    _open = null;
            }
        }
    }

    private async Task<AgentConnection> OpenAsync()
    {
        using var deadline = Deadline(_options.UpstreamDeadline);
        var upstream = _connection.Upstream;
        var role = await _roles.ResolveAsync(_connection.Metadata.Name, upstream, readOnly: false, deadline.Token).ConfigureAwait(false);
        var login = new UpstreamLogin(
            role.User,
            role.Password,
            _database,
            upstream.Tls,
            upstream.TlsCaFile,
            ProtocolVersion.V30,
            [new("application_name", "weir:agent/catalog"), new("client_encoding", "UTF8")],
            upstream.TargetSessionAttributes,
            role.Certificate);
        return await AgentConnection.OpenAsync(UpstreamHost.Parse(upstream.Host, upstream.Port), login, _connector.Keys, deadline.Token).ConfigureAwait(false);
    }

    private async Task LoadAsync(AgentConnection connection)
    {
        var builder = new CatalogSnapshotBuilder();
        string? epoch = null;
        await AskAsync(connection, CatalogQueries.Begin, null).ConfigureAwait(false);
        await AskAsync(connection, CatalogQueries.Probe, row => epoch = row[0]).ConfigureAwait(false);
        foreach (var query in CatalogQueries.All)
            await AskAsync(connection, query.Sql, row => builder.Add(query.Section, row)).ConfigureAwait(false);
        await AskAsync(connection, CatalogQueries.End, null).ConfigureAwait(false);
        var snapshot = builder.Build(epoch ?? throw new FormatException("The probe gave no answer."));
        var before = _current;
        _current = snapshot;
        _failures = 0;
        _lastProbe = _time.GetTimestamp();
        if (before is not null)
            _onReplaced(before);
        _log.CatalogLoaded(_connection.Metadata.Name, _database, snapshot.RelationCount);
    }

    private async Task AnswerQuestionsAsync(AgentConnection connection)
    {
        while (true)
        {
            CatalogQuestion? question;
            lock (_gate)
            {
                if (!_questions.TryDequeue(out question))
                    return;
            }

            var isAnswered = false;
            try
            {
                var dialog = new CatalogDialog(connection, () => Deadline(QueryDeadline));
                question.OnEstimate(await PlannerEstimate.AskAsync(question, dialog).ConfigureAwait(false));
                isAnswered = true;
            }
            finally
            {
                if (!isAnswered)
                    question.GiveUp();
            }
        }
    }

    private async Task AskAsync(AgentConnection connection, string sql, Action<string?[]>? onRow)
    {
        using var deadline = Deadline(QueryDeadline);
        await connection.QueryAsync(sql, onRow, deadline.Token).ConfigureAwait(false);
    }

    private async Task<string?> AskOneAsync(AgentConnection connection, string sql)
    {
        string? value = null;
        await AskAsync(connection, sql, row => value = row[0]).ConfigureAwait(false);
        return value;
    }

    private CancellationTokenSource Deadline(TimeSpan delay)
    {
        var linked = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        linked.CancelAfter(delay);
        return linked;
    }

    /// <summary>False when nobody has used the source for a while: its connection must not keep a database from being dropped.</summary>
    private async Task<bool> WaitForWorkAsync()
    {
        var isIdle = false;
        lock (_gate)
            isIdle = _users == 0;
        await WaitAsync(isIdle ? IdleTime : _options.CatalogProbeInterval).ConfigureAwait(false);
        lock (_gate)
            return !_stop.IsCancellationRequested && (_users > 0 || !isIdle || _waiting.Count > 0);
    }

    private async Task WaitAsync(TimeSpan patience)
    {
        Task wake;
        lock (_gate)
        {
            if (_waiting.Count > 0 || _questions.Count > 0)
                return;
            if (_wake.Task.IsCompleted)
                _wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            wake = _wake.Task;
        }

        try
        {
            await wake.WaitAsync(patience, _time, _stop).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is TimeoutException or OperationCanceledException)
        {
            // Time for a look of its own.
        }
    }

    /// <summary>Waits even when somebody asks: the database is not asked again at once.</summary>
    private async Task DelayAsync(TimeSpan delay) => await Task.Delay(delay, _time, _stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private bool TryStop()
    {
        lock (_gate)
        {
            if (_users > 0 || _waiting.Count > 0)
                return false;
            _isRunning = false;
            return true;
        }
    }

    private Action<string?>[] TakeWaiting()
    {
        lock (_gate)
        {
            Action<string?>[] callers = [.. _waiting];
            _waiting.Clear();
            return callers;
        }
    }

    private void Answer(string? failure)
    {
        foreach (var caller in TakeWaiting())
            caller(failure);
        CatalogQuestion[] questions;
        lock (_gate)
        {
            questions = failure is null ? [] : [.. _questions];
            if (failure is not null)
                _questions.Clear();
        }

        foreach (var question in questions)
            question.GiveUp();
    }
}
