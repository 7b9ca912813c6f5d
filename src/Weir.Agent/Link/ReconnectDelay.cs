namespace Weir.Agent.Link;

/// <summary>Growing waits between attempts to connect, with jitter, so that a thousand agents do not come back in the same second.</summary>
internal sealed class ReconnectDelay(TimeSpan first, TimeSpan longest, Random random)
{
    private int _failures;

    /// <summary>The next wait: between half of and the whole ceiling, which doubles each time.</summary>
    public TimeSpan Next()
    {
        var ceiling = first * Math.Pow(2, Math.Min(_failures, 30));
        _failures++;
        return (ceiling < longest ? ceiling : longest) * (0.5 + (random.NextDouble() / 2));
    }

    /// <summary>A connection worked.</summary>
    public void Reset() => _failures = 0;
}
