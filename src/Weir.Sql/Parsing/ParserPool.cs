using System.Diagnostics;

namespace Weir.Sql.Parsing;

/// <summary>At most <see cref="ParserLimits.MaxConcurrency"/> instances, made when needed and replaced when spent.</summary>
internal sealed class ParserPool : IDisposable
{
    /// <summary>
    /// A fresh instance counts this much, whatever it has touched. One that grew beyond never gives memory back: replace it.
    /// </summary>
    private const uint FreshMemoryBytes = 128 << 20;

    private readonly ParserLimits _limits;
    private readonly SemaphoreSlim _places;
    private readonly DeadlineWatch _watch = new();
    private readonly Lock _gate = new();
    private readonly Stack<ParserInstance> _idle = new();
    private bool _disposed;

    public ParserPool(ParserLimits limits)
    {
        _limits = limits;
        _places = new SemaphoreSlim(limits.MaxConcurrency, limits.MaxConcurrency);
    }

    public bool IsBusy => _watch.IsBusy;

    /// <summary>Null when none came free in time, or the system gives no memory. The deadlines run from the return.</summary>
    /// <param name="textLength">In bytes: a longer text may take longer.</param>
    public ParserInstance? Rent(int textLength, out ParseRefusal refusal)
    {
        if (!_places.Wait(_limits.MaxWait))
        {
            refusal = ParseRefusal.TooSlow;
            return null;
        }

        ParserInstance? instance = Take() ?? Create();
        if (instance is null)
        {
            _places.Release();
            refusal = ParseRefusal.TooLarge;
            return null;
        }

        refusal = default;
        TimeSpan allowance = _limits.Deadline + (_limits.DeadlinePerMebibyte * (textLength / (1024.0 * 1024)));
        // Without a clock of the thread, wall time has to do.
        TimeSpan patience = ThreadClock.Current == 0 ? allowance : allowance > _limits.WallDeadline ? allowance : _limits.WallDeadline;
        instance.Start(Stopwatch.GetTimestamp() + (long)(patience.TotalSeconds * Stopwatch.Frequency), allowance);
        _watch.Notice();
        return instance;
    }

    /// <summary><paramref name="spent"/>: the text was so large that the instance's memory is better given back.</summary>
    public void Return(ParserInstance instance, bool spent)
    {
        instance.Finish();
        bool keep = !spent && instance.IsReusable(FreshMemoryBytes);
        lock (_gate)
        {
            if (keep && !_disposed)
                _idle.Push(instance);
            else
                keep = false;
        }

        if (!keep)
        {
            _watch.Remove(instance);
            instance.Dispose();
        }

        _places.Release();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        // Calls still under way are interrupted, and give their instances back to a pool that frees them.
        _watch.Dispose();
        foreach (ParserInstance instance in _idle)
            instance.Dispose();
        _idle.Clear();
    }

    private ParserInstance? Take()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _idle.TryPop(out ParserInstance? instance) ? instance : null;
        }
    }

    private ParserInstance? Create()
    {
        var instance = ParserInstance.TryCreate(_limits.MemoryMegabytes);
        if (instance is not null)
            _watch.Add(instance);
        return instance;
    }
}
