using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Weir.ControlPlane.Server.Relay;

/// <summary>Where relayed clients and the tunnels that agents dial for them meet, by an unguessable id that is used once.</summary>
internal sealed class TunnelExchange
{
    private readonly ConcurrentDictionary<Guid, PendingTunnel> _pending = new();

    public (Guid Id, PendingTunnel Tunnel) Open(Guid agentId)
    {
        var id = new Guid(RandomNumberGenerator.GetBytes(16));
        var tunnel = new PendingTunnel(agentId);
        _pending[id] = tunnel;
        return (id, tunnel);
    }

    /// <summary>False for an id that is unknown, was used, or belongs to another agent.</summary>
    public bool TryTake(Guid id, Guid agentId, out PendingTunnel tunnel)
    {
        if (_pending.TryGetValue(id, out var found) && found.AgentId == agentId && _pending.TryRemove(KeyValuePair.Create(id, found)))
        {
            tunnel = found;
            return true;
        }

        tunnel = null!;
        return false;
    }

    public void Forget(Guid id) => _pending.TryRemove(id, out _);
}
