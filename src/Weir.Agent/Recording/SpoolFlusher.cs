using Weir.Agent.Configuration;

namespace Weir.Agent.Recording;

/// <summary>The thread that brings the spool to the disk. It sleeps while nothing is appended.</summary>
internal sealed class SpoolFlusher : IDisposable
{
    /// <summary>How long appends are gathered for one flush in group durability: with the flush itself well below 50 ms.</summary>
    private static readonly TimeSpan GroupInterval = TimeSpan.FromMilliseconds(30);

    private readonly Spool _spool;
    private readonly bool _isStrict;
    private readonly AutoResetEvent _dirty = new(false);
    private readonly ManualResetEvent _stopping = new(false);
    private readonly Thread _thread;

    public SpoolFlusher(Spool spool, SpoolDurability durability)
    {
        _spool = spool;
        _isStrict = durability == SpoolDurability.Strict;
        spool.BecameDirty += OnDirty;
        _thread = new Thread(Run) { IsBackground = true, Name = "spool-flush" };
        _thread.Start();
        OnDirty();
    }

    /// <summary>Flushes what is left and ends the thread.</summary>
    public void Dispose()
    {
        _spool.BecameDirty -= OnDirty;
        _stopping.Set();
        _thread.Join();
        _dirty.Dispose();
        _stopping.Dispose();
    }

    private void OnDirty() => _dirty.Set();

    private void Run()
    {
        WaitHandle[] either = [_stopping, _dirty];
        while (WaitHandle.WaitAny(either) != 0)
        {
            if (!_isStrict)
                _stopping.WaitOne(GroupInterval);
            _spool.Flush();
        }

        _spool.Flush();
    }
}
