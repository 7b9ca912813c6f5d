using Grpc.Core;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Agents;

namespace Weir.ControlPlane.Server.Agents;

/// <summary>Checks the signed assertion that comes with every call of an agent.</summary>
internal sealed class AgentAuthenticator(ActorMediator mediator, TimeProvider time)
{
    /// <summary>The audience that assertions must carry; told to agents at enrollment.</summary>
    public const string Audience = "weir-control-plane";

    private const string Scheme = "Bearer ";

    /// <exception cref="RpcException">UNAUTHENTICATED, without saying why.</exception>
    public async Task<AgentIdentity> AuthenticateAsync(ServerCallContext context)
    {
        var header = context.RequestHeaders.GetValue("authorization");
        if (header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            var token = header[Scheme.Length..];
            if (AgentAssertion.ClaimedAgent(token) is { } agentId
                && (await mediator.SendAsync(Actor.Anonymous, new FindAgentIdentity.Query(agentId), context.CancellationToken)).Identity is { } identity
                && AgentAssertion.IsValid(token, agentId, identity.PublicKey.Span, Audience, time.GetUtcNow()))
            {
                return new AgentIdentity(identity.OrganizationId, identity.AgentId, identity.Name);
            }
        }

        throw new RpcException(new Status(StatusCode.Unauthenticated, "The agent's assertion is missing, expired or not its own."));
    }
}
