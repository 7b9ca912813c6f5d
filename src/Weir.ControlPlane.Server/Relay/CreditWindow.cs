namespace Weir.ControlPlane.Server.Relay;

/// <summary>How many more bytes may be sent to the other end of a tunnel. One waiter, any number of givers.</summary>
internal sealed class CreditWindow(long initial)
{
    private readonly Lock _gate = new();
    private long _credit = initial;
    private TaskCompletionSource? _waiter;

    /// <summary>Waits until at least one byte may be sent and takes up to <paramref name="wanted"/> of what there is.</summary>
    public async ValueTask<int> TakeAsync(int wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                if (_credit > 0)
                {
                    var taken = (int)Math.Min(_credit, wanted);
                    _credit -= taken;
                    return taken;
                }

                _waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _waiter.Task;
            }

            await wait.WaitAsync(cancellationToken);
        }
    }

    public void Give(long bytes)
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            _credit = checked(_credit + bytes);
            waiter = _waiter;
            _waiter = null;
        }

        waiter?.TrySetResult();
    }
}
