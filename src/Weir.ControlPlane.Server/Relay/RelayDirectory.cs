using Google.Protobuf;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Credentials;
using Weir.ControlPlane.Server.Agents;

namespace Weir.ControlPlane.Server.Relay;

/// <summary>Routes by the control plane's own records, over the agents that are connected to this process.</summary>
internal sealed class RelayDirectory(ActorMediator mediator, AgentConnections connections) : IRelayDirectory
{
    public async Task<Guid?> FindAgentAsync(string credentialId, string database, CancellationToken cancellationToken)
    {
        var route = await mediator.SendAsync(Actor.Anonymous, new FindRoute.Query(credentialId, database), cancellationToken);
        foreach (var agent in route.Agents)
        {
            if (connections.Find(agent) is not null)
            {
                return agent;
            }
        }

        // A credential that exists but whose agents are away has no one to authenticate it; one that does not exist meets any agent's mock exchange.
        return route.OrganizationId is null ? connections.All.FirstOrDefault()?.Identity.AgentId : null;
    }

    public ValueTask<bool> TryOpenTunnelAsync(Guid agentId, Guid tunnelId, CancellationToken cancellationToken) => ValueTask.FromResult(
        connections.Find(agentId)?.TrySend(new ControlMessage { OpenTunnel = new OpenTunnel { TunnelId = ContractMapping.ToBytes(tunnelId) } }) == true);

    public ValueTask<bool> TryCancelAsync(Guid agentId, int processId, ReadOnlyMemory<byte> key, CancellationToken cancellationToken) => ValueTask.FromResult(
        connections.Find(agentId)?.TrySend(new ControlMessage
        {
            CancelTunnel = new CancelTunnel { ProcessId = processId, CancelKey = ByteString.CopyFrom(key.Span) },
        }) == true);
}
