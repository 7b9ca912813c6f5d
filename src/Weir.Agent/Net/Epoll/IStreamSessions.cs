using System.Net;
using System.Net.Sockets;
using Weir.Agent.Upstream;

namespace Weir.Agent.Net.Epoll;

/// <summary>Serves what the loops don't: sessions whose upstream leg is encrypted, and clients with TLS where a loop can't speak it. Any thread.</summary>
internal interface IStreamSessions
{
    /// <summary>A client that speaks TLS, or has asked for it.</summary>
    /// <param name="negotiation">What it has said so far.</param>
    /// <param name="isTlsAsked">Its SSLRequest was read and waits for an answer; otherwise nothing was read.</param>
    void Serve(Socket socket, IPAddress? address, ConnectionLease lease, ClientNegotiation negotiation, bool isTlsAsked);

    /// <summary>A session whose upstream leg becomes encrypted now.</summary>
    void Continue(StreamDriver driver, UpstreamTlsOptions options, ConnectionLease lease);

    /// <summary>A CancelRequest, whole.</summary>
    void Cancel(ReadOnlySpan<byte> packet);
}
