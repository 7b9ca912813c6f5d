using Google.Protobuf;
using Grpc.Core;
using Weir.Contracts.Agent.V1;

namespace Weir.ControlPlane.Server.Relay;

/// <summary>
/// Moves the bytes of one client between its socket and the tunnel. Both directions are bounded by credit, so a client that does
/// not read fills its own window only and never the HTTP/2 connection that it shares with others:
/// <code>
/// client → socket → [window of the agent] → data frames → agent
/// client ← socket ← [our window: credit goes out as bytes are written] ← data frames ← agent
/// </code>
/// </summary>
internal sealed class RelayedSession(
    Stream client,
    IAsyncStreamReader<TunnelFrame> fromAgent,
    IServerStreamWriter<TunnelFrame> toAgent,
    RelayOptions options) : IDisposable
{
    private static readonly TimeSpan HalfClosedGrace = TimeSpan.FromMinutes(2);

    private readonly CreditWindow _agentWindow = new(options.Window);
    private readonly SemaphoreSlim _writing = new(1, 1);

    public BackendKeyWatcher KeyWatcher { get; } = new();

    /// <summary>Called once, when the agent gave the client its cancel key.</summary>
    public Action<int, byte[]>? OnBackendKey { get; init; }

    /// <summary>Runs until both directions are done or one of them fails.</summary>
    public async Task RunAsync(TunnelStart start, CancellationToken cancellationToken)
    {
        await toAgent.WriteAsync(new TunnelFrame { Start = start }, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var up = ClientToAgentAsync(stop.Token);
        var down = AgentToClientAsync(stop.Token);

        // A client that half-closes still gets its answers; everything else ends the session.
        if (await Task.WhenAny(up, down) == up && up.IsCompletedSuccessfully)
        {
            await Task.WhenAny(down, Task.Delay(HalfClosedGrace, stop.Token));
        }

        await stop.CancelAsync();
        try
        {
            await Task.WhenAll(up, down);
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or RpcException or InvalidOperationException or RelayProtocolException)
        {
            // One end is gone; the other is being closed by whoever runs this.
        }
    }

    public void Dispose() => _writing.Dispose();

    private async Task ClientToAgentAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[options.FrameBytes];
        while (true)
        {
            var credit = await _agentWindow.TakeAsync(buffer.Length, cancellationToken);
            var read = await client.ReadAsync(buffer.AsMemory(0, credit), cancellationToken);
            if (read < credit)
            {
                _agentWindow.Give(credit - read);
            }

            if (read == 0)
            {
                await SendAsync(new TunnelFrame { Close = new TunnelClose { Reason = "client closed" } }, cancellationToken);
                return;
            }

            await SendAsync(new TunnelFrame { Data = ByteString.CopyFrom(buffer, 0, read) }, cancellationToken);
        }
    }

    private async Task AgentToClientAsync(CancellationToken cancellationToken)
    {
        long owed = 0;
        long outstanding = options.Window;
        await foreach (var frame in fromAgent.ReadAllAsync(cancellationToken))
        {
            switch (frame.BodyCase)
            {
                case TunnelFrame.BodyOneofCase.Data:
                    outstanding -= frame.Data.Length;
                    if (outstanding < 0)
                    {
                        throw new RelayProtocolException("the agent sent more than its credit");
                    }

                    Watch(frame.Data.Span);
                    await client.WriteAsync(frame.Data.Memory, cancellationToken);
                    owed += frame.Data.Length;
                    if (owed >= options.Window / 4)
                    {
                        outstanding += owed;
                        await SendAsync(new TunnelFrame { Credit = owed }, cancellationToken);
                        owed = 0;
                    }

                    break;
                case TunnelFrame.BodyOneofCase.Credit when frame.Credit is > 0 and <= int.MaxValue:
                    _agentWindow.Give(frame.Credit);
                    break;
                case TunnelFrame.BodyOneofCase.Close:
                    await client.FlushAsync(cancellationToken);
                    return;
                default:
                    break;
            }
        }
    }

    private void Watch(ReadOnlySpan<byte> bytes)
    {
        if (KeyWatcher.IsDone)
        {
            return;
        }

        KeyWatcher.Watch(bytes);
        if (KeyWatcher.Found is { } found)
        {
            OnBackendKey?.Invoke(found.ProcessId, found.Key);
        }
    }

    /// <summary>Both directions send frames (data and credit), and a gRPC stream takes one at a time.</summary>
    private async Task SendAsync(TunnelFrame frame, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await toAgent.WriteAsync(frame, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }
}
