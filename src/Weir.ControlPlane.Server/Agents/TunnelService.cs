using Grpc.Core;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.ControlPlane.Server.Relay;

namespace Weir.ControlPlane.Server.Agents;

/// <summary>Takes the tunnels that agents dial and hands them to the relayed clients that wait for them.</summary>
internal sealed class TunnelService(AgentAuthenticator authenticator, TunnelExchange tunnels) : Tunnel.TunnelBase
{
    private static readonly TimeSpan AcceptTimeout = TimeSpan.FromSeconds(10);

    public override async Task Open(IAsyncStreamReader<TunnelFrame> requestStream, IServerStreamWriter<TunnelFrame> responseStream, ServerCallContext context)
    {
        var identity = await authenticator.AuthenticateAsync(context);
        using var accepting = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        accepting.CancelAfter(AcceptTimeout);
        if (!await requestStream.MoveNext(accepting.Token) || requestStream.Current.BodyCase != TunnelFrame.BodyOneofCase.Accept)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "The first frame must be accept."));
        }

        Guid id;
        try
        {
            id = ContractMapping.ToGuid(requestStream.Current.Accept.TunnelId, "accept.tunnel_id");
        }
        catch (ContractViolationException violation)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, violation.Message));
        }

        if (!tunnels.TryTake(id, identity.AgentId, out var tunnel) || !tunnel.TryDial(requestStream, responseStream))
        {
            throw new RpcException(new Status(StatusCode.NotFound, "There is no such tunnel (any more)."));
        }

        await tunnel.Finished.WaitAsync(context.CancellationToken);
    }
}
