using System.Collections.Concurrent;
using Weir.ControlPlane.Application.Delivery;
using Weir.ControlPlane.Domain.Agents;
using Weir.ControlPlane.Domain.Organizations;

namespace Weir.ControlPlane.Server.Agents;

/// <summary>The agents that are connected to this process.</summary>
internal sealed class AgentConnections : IAgentDelivery
{
    private readonly ConcurrentDictionary<Guid, AgentConnection> _connections = new();

    public IEnumerable<AgentConnection> All => _connections.Values;

    /// <summary>Takes the place of an older connection of the same agent, which is dropped.</summary>
    public void Add(AgentConnection connection)
    {
        AgentConnection? replaced = null;
        _connections.AddOrUpdate(
            connection.Identity.AgentId,
            connection,
            (_, older) =>
            {
                replaced = older;
                return connection;
            });
        replaced?.Drop();
    }

    /// <summary>False when a newer connection of the same agent has taken its place.</summary>
    public bool Remove(AgentConnection connection) => _connections.TryRemove(KeyValuePair.Create(connection.Identity.AgentId, connection));

    public AgentConnection? Find(Guid agentId) => _connections.GetValueOrDefault(agentId);

    public async Task<DeliveryOutcome> WaitForCredentialsAsync(
        OrganizationId organization, IReadOnlyCollection<AgentId> agents, long sequence, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var waits = agents
            .Select(id => Find(id.Value))
            .Where(c => c is not null && c.Identity.OrganizationId == organization.Value)
            .Select(c => c!.WaitForCredentialsAsync(sequence))
            .ToList();
        if (waits.Count == 0)
        {
            return DeliveryOutcome.NoAgentConnected;
        }

        try
        {
            await Task.WhenAll(waits).WaitAsync(timeout, cancellationToken);
            return DeliveryOutcome.Delivered;
        }
        catch (TimeoutException)
        {
            return DeliveryOutcome.TimedOut;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return DeliveryOutcome.NoAgentConnected;
        }
    }
}
