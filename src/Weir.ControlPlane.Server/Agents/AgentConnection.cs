using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Weir.Contracts.Agent.V1;

namespace Weir.ControlPlane.Server.Agents;

/// <summary>
/// One connected agent: what waits to be sent to it, and what it has acknowledged. Anybody may queue; only the link's own loop writes to
/// the stream. An agent that reads too slowly is dropped: it comes back and is told everything anew.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Senders may outlive the link, and a source without a timer holds nothing that needs disposal.")]
internal sealed class AgentConnection(AgentIdentity identity)
{
    private const int QueueCapacity = 1024;

    private readonly Channel<ControlMessage> _outbound = Channel.CreateBounded<ControlMessage>(new BoundedChannelOptions(QueueCapacity) { SingleReader = true });
    private readonly CancellationTokenSource _dropped = new();
    private readonly Lock _gate = new();
    private readonly List<(long Sequence, TaskCompletionSource Waiter)> _waiters = [];
    private long _acknowledged;
    private TaskCompletionSource? _echo;

    public AgentIdentity Identity { get; } = identity;

    /// <summary>Signalled when the link must end: a newer connection of the same agent, a removed agent, a full queue.</summary>
    public CancellationToken Dropped => _dropped.Token;

    public ChannelReader<ControlMessage> Outbound => _outbound.Reader;

    /// <summary>False when the agent is being dropped.</summary>
    public bool TrySend(ControlMessage message)
    {
        if (_dropped.IsCancellationRequested)
        {
            return false;
        }

        if (_outbound.Writer.TryWrite(message))
        {
            return true;
        }

        Drop();
        return false;
    }

    public void Drop()
    {
        _dropped.Cancel();
        lock (_gate)
        {
            foreach (var (_, waiter) in _waiters)
            {
                waiter.TrySetCanceled(CancellationToken.None);
            }

            _waiters.Clear();
        }
    }

    /// <summary>The agent has applied all credential changes up to this one.</summary>
    public void CredentialsAcknowledged(long sequence)
    {
        lock (_gate)
        {
            if (sequence == 0)
            {
                _echo?.TrySetResult();
            }

            _acknowledged = Math.Max(_acknowledged, sequence);
            foreach (var (_, waiter) in _waiters.Where(w => w.Sequence <= _acknowledged))
            {
                waiter.TrySetResult();
            }

            _waiters.RemoveAll(w => w.Sequence <= _acknowledged);
        }
    }

    /// <summary>One round trip of the stream alone: an empty change of credentials from before all others, which an agent acknowledges without doing anything. One at a time; for the measurement of tests/perf/hold.sh.</summary>
    public Task EchoAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _echo = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        TrySend(new ControlMessage { Credentials = new CredentialsDelta() });
        return _echo.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Completes when the agent has the changes up to <paramref name="sequence"/>; is cancelled when the agent goes.</summary>
    public Task WaitForCredentialsAsync(long sequence)
    {
        lock (_gate)
        {
            if (_acknowledged >= sequence)
            {
                return Task.CompletedTask;
            }

            if (_dropped.IsCancellationRequested)
            {
                return Task.FromCanceled(_dropped.Token);
            }

            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((sequence, waiter));
            return waiter.Task;
        }
    }
}
