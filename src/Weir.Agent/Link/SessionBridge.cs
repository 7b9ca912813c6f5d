using Weir.Agent.Net;
using Weir.Agent.Sessions;
using Weir.Contracts.Agent.V1;
using Weir.Protocol.Postgres;

namespace Weir.Agent.Link;

/// <summary>Leads what comes over the link to the sessions.</summary>
internal sealed class SessionBridge(SessionRegistry sessions) : ILinkedSessions
{
    /// <summary>Takes relayed clients; null until it was built.</summary>
    public PostgresListener? Listener { get; set; }

    public int Count => sessions.Count;

    public IReadOnlyList<Guid> LiveIds() => sessions.LiveIds();

    public void Terminate(Guid sessionId, string reason) => sessions.Terminate(sessionId, reason.Length > 0 ? reason : "terminating connection due to administrator command");

    public void Cancel(int processId, ReadOnlyMemory<byte> secret)
    {
        if (secret.Length is >= CancelKey.MinSecretLength and <= CancelKey.MaxSecretLength)
            sessions.Cancel(new CancelKey(processId, secret.Span));
    }

    public void AcceptRelayed(Stream duplex, TunnelStart client)
    {
        if (Listener is { } listener)
            listener.AcceptRelayed(duplex, new RelayedClient(client.ClientAddress, client.Tls, client.CertificateHash.Memory, client.StartupMessage.Memory));
        else
            duplex.Dispose();
    }
}
