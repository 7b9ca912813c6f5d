using System.Collections.Concurrent;

namespace Weir.ControlPlane.Server.Relay;

/// <summary>Which agent gave out which cancel key through this relay, for as long as the relayed session lives.</summary>
internal sealed class CancelRoutes
{
    private readonly ConcurrentDictionary<(int ProcessId, string Key), Guid> _agents = new();

    public void Add(int processId, ReadOnlySpan<byte> key, Guid agentId) => _agents[(processId, Convert.ToHexString(key))] = agentId;

    public void Remove(int processId, ReadOnlySpan<byte> key) => _agents.TryRemove((processId, Convert.ToHexString(key)), out _);

    public bool TryFind(int processId, ReadOnlySpan<byte> key, out Guid agentId) => _agents.TryGetValue((processId, Convert.ToHexString(key)), out agentId);
}
