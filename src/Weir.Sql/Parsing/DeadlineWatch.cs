using System.Diagnostics;

namespace Weir.Sql.Parsing;

/// <summary>
/// Interrupts parses that are late. One thread of its own: the pool's threads may all be inside a parser, which is when it
/// is needed. It looks every few milliseconds while there is anything to look at and sleeps otherwise, so that a parse
/// of some microseconds does not pay for waking it.
/// </summary>
internal sealed class DeadlineWatch : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);
    private const int IdleTicksBeforeSleep = 100;

    private readonly Lock _gate = new();
    private readonly List<ParserInstance> _instances = [];
    private readonly AutoResetEvent _wake = new(initialState: false);
    private Thread? _thread;
    private bool _seen;
    private bool _asleep;
    private bool _stopping;

    public bool IsBusy => InterruptLate(long.MinValue);

    public void Add(ParserInstance instance)
    {
        lock (_gate)
        {
            _instances.Add(instance);
            if (_thread is not null || _stopping)
                return;
            _thread = new Thread(Run, maxStackSize: 128 * 1024) { IsBackground = true, Name = "parser deadlines" };
            _thread.Start();
        }
    }

    public void Remove(ParserInstance instance)
    {
        lock (_gate)
            _instances.Remove(instance);
    }

    /// <summary>To be called after an instance was given its deadline.</summary>
    public void Notice()
    {
        if (Volatile.Read(ref _stopping))
        {
            InterruptLate(long.MaxValue);
            return;
        }

        Volatile.Write(ref _seen, true);
        // Store before load: either the thread sees _seen before it sleeps, or this sees _asleep and wakes it.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _asleep))
            _wake.Set();
    }

    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            thread = _thread;
            Volatile.Write(ref _stopping, true);
        }

        _wake.Set();
        thread?.Join();
        // From here on nobody looks at deadlines, so nothing may run.
        InterruptLate(long.MaxValue);
    }

    /// <summary>True when something is under way.</summary>
    private bool InterruptLate(long now)
    {
        bool busy = false;
        lock (_gate)
        {
            foreach (ParserInstance instance in _instances)
                busy |= instance.InterruptIfLate(now);
        }

        return busy;
    }

    private void Run()
    {
        int idle = 0;
        while (true)
        {
            _wake.WaitOne(idle < IdleTicksBeforeSleep ? Tick : Timeout.InfiniteTimeSpan);
            Volatile.Write(ref _asleep, false);
            if (Volatile.Read(ref _stopping))
                return;
            bool busy = Interlocked.Exchange(ref _seen, false);
            busy |= InterruptLate(Stopwatch.GetTimestamp());

            idle = busy ? 0 : idle + 1;
            if (idle < IdleTicksBeforeSleep)
                continue;
            Volatile.Write(ref _asleep, true);
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _seen))
                idle = 0;
        }
    }
}
