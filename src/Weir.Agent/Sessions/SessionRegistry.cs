using System.Collections.Concurrent;
using Weir.Agent.Recording;
using Weir.Protocol.Postgres;

namespace Weir.Agent.Sessions;

/// <summary>The authenticated sessions of this agent. Thread-safe.</summary>
internal sealed class SessionRegistry
{
    private readonly ConcurrentDictionary<Guid, PostgresSession> _sessions = new();
    private readonly ConcurrentDictionary<CancelKey, PostgresSession> _cancelKeys = new();
    private readonly Dictionary<Guid, int> _perPrincipal = [];
    private readonly Lock _gate = new();
    private TaskCompletionSource? _empty;

    public int Count => _sessions.Count;

    /// <summary>No new sessions: the agent is going down.</summary>
    public bool IsDraining { get; private set; }

    public IReadOnlyList<Guid> LiveIds() => [.. _sessions.Keys];

    /// <summary>False when the principal has as many sessions as it may, or the agent drains.</summary>
    public bool TryAdd(PostgresSession session, Guid principal, int maxPerPrincipal)
    {
        lock (_gate)
        {
            var count = _perPrincipal.GetValueOrDefault(principal);
            if (IsDraining || count >= maxPerPrincipal)
                return false;
            _perPrincipal[principal] = count + 1;
        }

        _sessions[session.Id] = session;
        return true;
    }

    public void Remove(PostgresSession session)
    {
        if (!_sessions.TryRemove(session.Id, out _))
            return;
        if (session.ClientKey is { } key)
            _cancelKeys.TryRemove(key, out _);

        lock (_gate)
        {
            var principal = session.Identity!.Principal.Id;
            var left = _perPrincipal.GetValueOrDefault(principal) - 1;
            if (left > 0)
                _perPrincipal[principal] = left;
            else
                _perPrincipal.Remove(principal);
            if (_sessions.IsEmpty)
                _empty?.TrySetResult();
        }
    }

    /// <summary>Sessions look again whether their right still holds. Any thread.</summary>
    public void RecheckAll()
    {
        foreach (var session in _sessions.Values)
            session.Driver.Post(static s => s.OnPolicyChanged());
    }

    /// <summary>Sessions that do nothing let go of a catalog that was replaced. Any thread.</summary>
    public void OnCatalogReplaced()
    {
        foreach (var session in _sessions.Values)
            session.Driver.Post(static s => s.OnCatalogReplaced());
    }

    /// <summary>Ends a session with FATAL 57P01 and the reason; unknown ids are ignored. Any thread.</summary>
    public void Terminate(Guid sessionId, string reason)
    {
        if (_sessions.TryGetValue(sessionId, out var session))
            session.Driver.Post(s => s.Terminate(reason));
    }

    /// <summary>Registers the key that a session's client was given (<see cref="PostgresSession.ClientKey"/>).</summary>
    public void AddCancelKey(CancelKey key, PostgresSession session) => _cancelKeys[key] = session;

    /// <summary>Cancels what the session with exactly this key runs. Any thread.</summary>
    /// <returns>False when there is no such key; the sender is not told.</returns>
    public bool Cancel(CancelKey key)
    {
        if (!_cancelKeys.TryGetValue(key, out var session))
            return false;
        session.Driver.Post(static s => s.OnCancel());
        return true;
    }

    /// <summary>Lets sessions end by themselves, then ends what is left.</summary>
    public async Task DrainAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        Task empty;
        lock (_gate)
        {
            IsDraining = true;
            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_sessions.IsEmpty)
                _empty.TrySetResult();
            empty = _empty.Task;
        }

        try
        {
            await empty.WaitAsync(patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            foreach (var session in _sessions.Values)
                session.Driver.Post(static s => s.Terminate("terminating connection due to administrator command", SessionEndReason.Drained));
            await empty.WaitAsync(TimeSpan.FromSeconds(5), time, cancellationToken);
        }
    }
}
