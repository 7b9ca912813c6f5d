using Weir.Agent.Upstream;

namespace Weir.Agent.Sessions;

/// <summary>
/// What moves a session's bytes and time. It calls the session (never two calls at once), sends what the session left in its output
/// buffers afterwards, and grants the wishes below; their outcome comes back as a later call.
/// </summary>
internal abstract class SessionDriver
{
    /// <summary>Runs work on the session's thread, after the current call if there is one. Callable from any thread.</summary>
    public abstract void Post(Action<PostgresSession> work);

    /// <summary>Answered by <see cref="PostgresSession.OnUpstreamConnected"/> or <see cref="PostgresSession.OnUpstreamFailed"/>.</summary>
    public abstract void ConnectUpstream(UpstreamHost host, TimeSpan timeout);

    /// <summary>Answered by <see cref="PostgresSession.OnUpstreamTls"/> or <see cref="PostgresSession.OnUpstreamFailed"/>.</summary>
    public abstract void StartUpstreamTls(UpstreamTlsOptions options);

    /// <summary>Closes the upstream leg without a word, so that another host can be tried. Not answered.</summary>
    public abstract void DropUpstream();

    /// <summary>One timer per session: a new wish replaces the old one; null stops it. Answered by <see cref="PostgresSession.OnTimer"/>.</summary>
    public abstract void WakeAfter(TimeSpan? delay);
}
