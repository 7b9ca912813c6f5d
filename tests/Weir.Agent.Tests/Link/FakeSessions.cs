using System.Threading.Channels;
using Weir.Agent.Link;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Tests.Link;

/// <summary>Remembers what the link asked of the sessions.</summary>
internal sealed class FakeSessions : ILinkedSessions
{
    public List<Guid> Live { get; } = [];

    public Channel<(Guid Session, string Reason)> Terminated { get; } = Channel.CreateUnbounded<(Guid, string)>();

    public Channel<(int ProcessId, byte[] Secret)> Cancelled { get; } = Channel.CreateUnbounded<(int, byte[])>();

    public Channel<(Stream Stream, TunnelStart Start)> Relayed { get; } = Channel.CreateUnbounded<(Stream, TunnelStart)>();

    public int Count => Live.Count;

    public IReadOnlyList<Guid> LiveIds() => Live;

    public void Terminate(Guid sessionId, string reason) => Terminated.Writer.TryWrite((sessionId, reason));

    public void Cancel(int processId, ReadOnlyMemory<byte> secret) => Cancelled.Writer.TryWrite((processId, secret.ToArray()));

    public void AcceptRelayed(Stream duplex, TunnelStart client) => Relayed.Writer.TryWrite((duplex, client));
}
