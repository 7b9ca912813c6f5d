using System.Collections.Concurrent;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Link;

/// <summary>How the upstreams are doing, as sessions see it. A change is sent at once, and everything again after a reconnect. Thread-safe.</summary>
internal sealed class ConnectionStatusBoard(ILinkSender link)
{
    private readonly ConcurrentDictionary<string, ConnectionStatus> _statuses = new(StringComparer.Ordinal);

    /// <param name="detail">For an administrator; no secrets. Empty when all is well.</param>
    public void Report(string connection, bool isReachable, string detail, IEnumerable<string>? idleMaskingRules = null)
    {
        var status = new ConnectionStatus { Connection = connection, Reachable = isReachable, Detail = detail };
        if (idleMaskingRules is not null)
            status.IdleMaskingRules.AddRange(idleMaskingRules.Order(StringComparer.Ordinal));
        else if (_statuses.TryGetValue(connection, out var before))
            status.IdleMaskingRules.AddRange(before.IdleMaskingRules);
        if (_statuses.TryGetValue(connection, out var known) && known.Equals(status))
            return;
        _statuses[connection] = status;
        link.TrySend(new AgentMessage { ConnectionStatus = status });
    }

    public IReadOnlyList<AgentMessage> Repeat() => [.. _statuses.Values.Select(s => new AgentMessage { ConnectionStatus = s })];
}
