namespace Weir.Agent.Link;

/// <summary>Growing waits between attempts to connect, with jitter, so that a thousand agents do not come back in the same second.</summary>
internal sealed class ReconnectDelay(TimeSpan first, TimeSpan longest, Random random)
{
    private TimeSpan _ceiling = first;

    /// <summary>The next wait: between half of and the whole current ceiling, which doubles.</summary>
    public TimeSpan Next()
    {
        var wait = _ceiling * (0.5 + (random.NextDouble() / 2));
        _ceiling = _ceiling * 2 > longest ? longest : _ceiling * 2;
        return wait;
    }

    /// <summary>A connection worked.</summary>
    public void Reset() => _ceiling = first;
}
