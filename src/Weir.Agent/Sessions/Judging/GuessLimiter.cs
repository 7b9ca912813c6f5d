using System.Collections.Concurrent;
using Weir.Policy.Access;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;

namespace Weir.Agent.Sessions.Judging;

/// <summary>
/// Bounds the oracle that <c>use: equality-only</c> leaves open: whoever may ask whether a masked value equals another could try them all. Per principal and
/// connection, over all sessions of this agent: <see cref="People"/> statements per minute, <see cref="Services"/> for service accounts. Thread-safe.
/// </summary>
internal sealed class GuessLimiter(TimeProvider time)
{
    public const int People = 100;
    public const int Services = 10_000;

    private const int MaxEntries = 10_000;

    private readonly ConcurrentDictionary<(string Principal, string Connection), Window> _windows = new();

    public static Diagnostic Refusal { get; } = Diagnostic.Error(SqlStates.ConfigurationLimitExceeded, "weir: too many comparisons with masked columns") with
    {
        Hint = $"There may be {People} such statements per minute. Wait a minute, or select rows by other columns.",
    };

    /// <returns>False: the limit of this minute is used up.</returns>
    public bool TryTake(Principal principal, string connection)
    {
        var minute = time.GetUtcNow().UtcTicks / TimeSpan.TicksPerMinute;
        if (_windows.Count > MaxEntries)
        {
            foreach (var (key, old) in _windows)
            {
                if (old.Minute < minute)
                    _windows.TryRemove(key, out _);
            }
        }

        var window = _windows.AddOrUpdate(
            (principal.Name, connection),
            static (_, now) => new Window(now, 1),
            static (_, last, now) => last.Minute == now ? last with { Count = last.Count + 1 } : new Window(now, 1),
            minute);
        return window.Count <= (principal.Kind == PrincipalKind.ServiceAccount ? Services : People);
    }

    private sealed record Window(long Minute, int Count);
}
