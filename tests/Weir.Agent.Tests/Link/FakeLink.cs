using System.Threading.Channels;
using Grpc.Core;
using Weir.Contracts.Agent.V1;

namespace Weir.Agent.Tests.Link;

/// <summary>The control plane's side of one connection.</summary>
internal sealed class FakeLink(Hello hello, IServerStreamWriter<ControlMessage> output)
{
    private readonly Channel<AgentMessage> _received = Channel.CreateUnbounded<AgentMessage>();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _sending = new(1, 1);

    public Hello Hello { get; } = hello;

    public Task Ended => _ended.Task;

    public async Task SendAsync(ControlMessage message)
    {
        await _sending.WaitAsync();
        try
        {
            await output.WriteAsync(message);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The next message of that kind; others, such as heartbeats, are passed over.</summary>
    public async Task<AgentMessage> ReceiveAsync(AgentMessage.BodyOneofCase kind)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var message = await _received.Reader.ReadAsync(deadline.Token);
            if (message.BodyCase == kind)
                return message;
        }
    }

    /// <summary>Ends the connection as a control plane that goes away.</summary>
    public void Close() => _closed.TrySetResult();

    public async Task RunAsync(IAsyncStreamReader<AgentMessage> input, CancellationToken cancellationToken)
    {
        var reading = ReadAsync(input, cancellationToken);
        await Task.WhenAny(reading, _closed.Task);
        _received.Writer.TryComplete();
        _ended.TrySetResult();
    }

    private async Task ReadAsync(IAsyncStreamReader<AgentMessage> input, CancellationToken cancellationToken)
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
