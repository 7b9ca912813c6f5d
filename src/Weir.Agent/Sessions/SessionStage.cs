using Weir.Agent.Recording;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Sessions;

/// <summary>
/// One chapter of a session. Bytes come in as they were received; a stage says how many it took, and gets the rest again together with
/// what follows. What it does not expect ends the session.
/// </summary>
internal abstract class SessionStage(PostgresSession session)
{
    protected PostgresSession Session { get; } = session;

    public virtual void Enter()
    {
    }

    /// <returns>Bytes consumed; fewer than given when a message is incomplete or reading from the client is parked.</returns>
    public virtual int OnClientBytes(ReadOnlySpan<byte> data) => 0;

    /// <inheritdoc cref="OnClientBytes"/>
    public virtual int OnUpstreamBytes(ReadOnlySpan<byte> data) => 0;

    public virtual void OnUpstreamConnected() => Session.Fail("unexpected upstream connection");

    public virtual void OnUpstreamTls(ReadOnlyMemory<byte> certificateHash) => Session.Fail("unexpected upstream TLS");

    /// <param name="reason">For the agent's log and the client; without addresses or secrets.</param>
    public virtual void OnUpstreamFailed(string reason) => OnUpstreamClosed();

    public virtual void OnUpstreamClosed() =>
        Session.End(SessionEndReason.UpstreamLost, Diagnostic.Fatal(Weir.Protocol.Postgres.SqlStates.ConnectionFailure, "weir: the database closed the connection"));

    /// <param name="isOrderly">The client shut its side down; false when the connection broke.</param>
    public virtual void OnClientClosed(bool isOrderly) => Session.End(SessionEndReason.ClientLost, null);

    public virtual void OnTimer()
    {
    }

    /// <summary>Policy, credentials or grants changed.</summary>
    public virtual void OnPolicyChanged()
    {
    }

    /// <summary>Some database's catalog was read again.</summary>
    public virtual void OnCatalogReplaced()
    {
    }

    /// <summary>The session ends; nothing else is called afterwards.</summary>
    public virtual void OnEnd(SessionEndReason reason)
    {
    }

    /// <summary>A CancelRequest with the session's own key.</summary>
    public virtual void OnCancel()
    {
    }
}
