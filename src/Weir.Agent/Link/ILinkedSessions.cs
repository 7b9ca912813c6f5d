using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Link;

/// <summary>What the link does to sessions and asks of them. Called on arbitrary threads; nothing here blocks.</summary>
internal interface ILinkedSessions
{
    int Count { get; }

    IReadOnlyList<Guid> LiveIds();

    void Terminate(Guid sessionId, string reason);

    void Cancel(int processId, ReadOnlyMemory<byte> secret);

    /// <summary>Serves a client that came through the relay.</summary>
    /// <param name="duplex">Its bytes behind the startup message, and the way back. Owned by the session from here on.</param>
    void AcceptRelayed(Stream duplex, TunnelStart client);
}
