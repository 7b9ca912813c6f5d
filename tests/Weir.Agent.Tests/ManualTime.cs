namespace Weir.Agent.Tests;

/// <summary>A clock that stands still until it is moved; its timers fire when it passes them.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private long _steadyTicks = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    public override long GetTimestamp()
    {
        lock (_lock)
            return _steadyTicks;
    }

    public void Advance(TimeSpan by)
    {
        List<ManualTimer> due = [];
        lock (_lock)
        {
            _now += by;
            _steadyTicks += by.Ticks;
            due.AddRange(_timers.Where(t => t.DueAt <= _steadyTicks));
            foreach (var timer in due)
                timer.DueAt = timer.Period > TimeSpan.Zero ? _steadyTicks + timer.Period.Ticks : long.MaxValue;
        }

        foreach (var timer in due)
            timer.Fire();
    }

    /// <summary>Moves the clock only, as an administrator would; the steady counter goes on.</summary>
    public void SetClock(DateTimeOffset to)
    {
        lock (_lock)
            _now = to;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        public long DueAt { get; set; } = long.MaxValue;

        public TimeSpan Period { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                Period = period;
                DueAt = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time._steadyTicks + dueTime.Ticks;
                if (!time._timers.Contains(this))
                    time._timers.Add(this);
            }

            return true;
        }

        public void Dispose()
        {
            lock (time._lock)
                time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
