using Weir.Policy.Access;
using Weir.Policy.Compilation;

namespace Weir.Agent.Policies;

/// <summary>
/// The policy in force, swapped whole. Sessions read <see cref="Current"/> once per statement. A policy ages from the last moment
/// that the control plane was heard; an aged one serves nobody (INTERFACE: snapshot maximum age).
/// </summary>
internal sealed class PolicyHolder(TimeProvider time)
{
    /// <summary>How long an answer of <see cref="IsUsable"/> holds without looking at both clocks again: it is asked for every statement.</summary>
    private static readonly TimeSpan UsableFor = TimeSpan.FromMilliseconds(200);

    private volatile CompiledPolicy? _current;
    private volatile UsableMark? _usable;
    private volatile HeardMark _heard = new(DateTimeOffset.MinValue, TimeSpan.Zero, 0);

    /// <summary>Raised on an arbitrary thread after another policy came into force.</summary>
    public event Action? Changed;

    /// <summary>The policy in force; null until the first snapshot.</summary>
    public CompiledPolicy? Current => _current;

    /// <summary>When the control plane was last heard; the minimum value for never.</summary>
    public DateTimeOffset HeardAt => _heard.At;

    /// <summary>
    /// Time since the control plane was last heard: by the clock, or by the steady counter of the machine where that says more, so that a clock that is set back does not make an old
    /// policy young.
    /// </summary>
    public TimeSpan Age
    {
        get
        {
            var heard = _heard;
            var byClock = time.GetUtcNow() - heard.At;
            var byCounter = heard.AgeThen + time.GetElapsedTime(heard.Timestamp);
            return byClock > byCounter ? byClock : byCounter;
        }
    }

    /// <summary>Whether there is a policy that is young enough for this kind of principal. False: refuse with 57P03.</summary>
    public bool IsUsable(PrincipalKind kind)
    {
        if (_current is not { } policy)
            return false;
        var heard = _heard;
        if (_usable is { } last && ReferenceEquals(last.Policy, policy) && ReferenceEquals(last.Heard, heard) && last.Kind == kind && time.GetElapsedTime(last.Timestamp) < UsableFor)
            return true;
        var settings = policy.Snapshot.Settings;
        if (Age > (kind == PrincipalKind.ServiceAccount ? settings.MaxAgeServiceAccounts : settings.MaxAge))
            return false;
        _usable = new UsableMark(policy, heard, kind, time.GetTimestamp());
        return true;
    }

    /// <summary>Puts a policy into force.</summary>
    public void Apply(CompiledPolicy policy)
    {
        _current = policy;
        Changed?.Invoke();
    }

    /// <summary>Notes that the control plane was heard just now.</summary>
    public void Heard() => _heard = new HeardMark(time.GetUtcNow(), TimeSpan.Zero, time.GetTimestamp());

    /// <summary>Restores, after a restart, when the control plane was last heard.</summary>
    public void RestoreHeardAt(DateTimeOffset at)
    {
        var age = time.GetUtcNow() - at;
        _heard = new HeardMark(at, age > TimeSpan.Zero ? age : TimeSpan.Zero, time.GetTimestamp());
    }

    private sealed record UsableMark(CompiledPolicy Policy, HeardMark Heard, PrincipalKind Kind, long Timestamp);

    private sealed record HeardMark(DateTimeOffset At, TimeSpan AgeThen, long Timestamp);
}
