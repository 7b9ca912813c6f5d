namespace Weir.Testing;

/// <summary>Waits for what happens elsewhere (another process, another thread) and can only be seen by looking again.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    /// <summary>Returns as soon as the condition holds.</summary>
    /// <exception cref="TimeoutException">It did not hold in time.</exception>
    public static Task HoldsAsync(Func<Task<bool>> condition, TimeSpan deadline, string what, CancellationToken cancellationToken) =>
        GetAsync(async () => await condition() ? "yes" : null, deadline, what, cancellationToken);

    /// <summary>Returns the first result that is not null.</summary>
    /// <exception cref="TimeoutException">None came in time.</exception>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> probe, TimeSpan deadline, string what, CancellationToken cancellationToken)
        where T : class
    {
        using var expiry = new CancellationTokenSource(deadline);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, expiry.Token);
        using var timer = new PeriodicTimer(Interval);
        try
        {
            do
            {
                if (await probe() is { } found)
                {
                    return found;
                }
            }
            while (await timer.WaitForNextTickAsync(either.Token));
        }
        catch (OperationCanceledException) when (expiry.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw new TimeoutException($"In {deadline.TotalSeconds} s it did not come to pass: {what}.");
    }
}
