using Grpc.Core;
using Weir.Contracts.Agent.V1;

namespace Weir.ControlPlane.Server.Relay;

/// <summary>A relayed client that waits for its agent to dial in, and then the two halves of that call.</summary>
internal sealed class PendingTunnel(Guid agentId)
{
    private readonly TaskCompletionSource<(IAsyncStreamReader<TunnelFrame> Reader, IServerStreamWriter<TunnelFrame> Writer)> _dialled =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The only agent that may take it.</summary>
    public Guid AgentId { get; } = agentId;

    public Task<(IAsyncStreamReader<TunnelFrame> Reader, IServerStreamWriter<TunnelFrame> Writer)> Dialled => _dialled.Task;

    /// <summary>The gRPC call must stay open until the relay is done with it.</summary>
    public Task Finished => _finished.Task;

    public bool TryDial(IAsyncStreamReader<TunnelFrame> reader, IServerStreamWriter<TunnelFrame> writer) => _dialled.TrySetResult((reader, writer));

    public void Finish() => _finished.TrySetResult();
}
