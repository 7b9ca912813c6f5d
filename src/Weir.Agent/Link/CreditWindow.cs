namespace Weir.Agent.Link;

/// <summary>How many more bytes may be sent to the other end of a tunnel. One taker at a time, any number of givers.</summary>
internal sealed class CreditWindow(long initial)
{
    private readonly Lock _lock = new();
    private long _credit = initial;
    private TaskCompletionSource? _waiter;
    private bool _isClosed;

    /// <summary>Waits until at least one byte may be sent, and takes up to so many.</summary>
    /// <exception cref="IOException">The tunnel was closed.</exception>
    public async ValueTask<int> TakeAsync(int wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (_lock)
            {
                if (_isClosed)
                    throw new IOException("The tunnel is closed.");
                if (_credit > 0)
                {
                    var taken = (int)Math.Min(_credit, wanted);
                    _credit -= taken;
                    return taken;
                }

                _waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _waiter.Task;
            }

            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>False when the other side gave more than can be meant.</returns>
    public bool TryGive(long bytes)
    {
        lock (_lock)
        {
            if (bytes <= 0 || bytes > long.MaxValue - _credit)
                return false;
            _credit += bytes;
        }

        Release();
        return true;
    }

    /// <summary>Whoever waits, or comes later, gets an <see cref="IOException"/>.</summary>
    public void Close()
    {
        lock (_lock)
            _isClosed = true;
        Release();
    }

    private void Release()
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            waiter = _waiter;
            _waiter = null;
        }

        waiter?.TrySetResult();
    }
}
