using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Tests.Link;

/// <summary>The relay's side of one tunnel.</summary>
internal sealed class FakeTunnel(ByteString id, IServerStreamWriter<TunnelFrame> output)
{
    private readonly Channel<TunnelFrame> _received = Channel.CreateUnbounded<TunnelFrame>();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ByteString Id { get; } = id;

    public Task SendAsync(TunnelFrame frame) => output.WriteAsync(frame);

    public Task SendAsync(byte[] data) => SendAsync(new TunnelFrame { Data = ByteString.CopyFrom(data) });

    public async Task<TunnelFrame> ReceiveAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        return await _received.Reader.ReadAsync(deadline.Token);
    }

    public int Waiting => _received.Reader.Count;

    public void End() => _closed.TrySetResult();

    public async Task RunAsync(IAsyncStreamReader<TunnelFrame> input, CancellationToken cancellationToken)
    {
        var reading = ReadAsync(input, cancellationToken);
        await Task.WhenAny(reading, _closed.Task);
        _received.Writer.TryComplete();
    }

    private async Task ReadAsync(IAsyncStreamReader<TunnelFrame> input, CancellationToken cancellationToken)
    {
        try
        {
            while (await input.MoveNext(cancellationToken))
                _received.Writer.TryWrite(input.Current);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The agent is gone.
        }
    }
}
