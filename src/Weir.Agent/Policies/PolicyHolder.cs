using Weir.Policy.Access;
using Weir.Policy.Compilation;

namespace Weir.Agent.Policies;

/// <summary>
/// The policy in force, swapped whole. Sessions read <see cref="Current"/> once per statement. A policy ages from the last moment
/// that the control plane was heard; an aged one serves nobody (INTERFACE: snapshot maximum age).
/// </summary>
internal sealed class PolicyHolder(TimeProvider time)
{
    private volatile CompiledPolicy? _current;
    private long _heardAtTicks;

    /// <summary>Raised on an arbitrary thread after another policy came into force.</summary>
    public event Action? Changed;

    /// <summary>The policy in force; null until the first snapshot.</summary>
    public CompiledPolicy? Current => _current;

    /// <summary>When the control plane was last heard; the minimum value for never.</summary>
    public DateTimeOffset HeardAt => new(Volatile.Read(ref _heardAtTicks), TimeSpan.Zero);

    /// <summary>Whether there is a policy that is young enough for this kind of principal. False: refuse with 57P03.</summary>
    public bool IsUsable(PrincipalKind kind)
    {
        if (_current is not { } policy)
            return false;
        var settings = policy.Snapshot.Settings;
        var maxAge = kind == PrincipalKind.ServiceAccount ? settings.MaxAgeServiceAccounts : settings.MaxAge;
        var age = time.GetUtcNow() - HeardAt;

        // A clock that was set back must not make an old policy young for longer than its maximum age.
        return age <= maxAge && age >= -maxAge;
    }

    /// <summary>Puts a policy into force.</summary>
    public void Apply(CompiledPolicy policy)
    {
        _current = policy;
        Changed?.Invoke();
    }

    /// <summary>Notes that the control plane was heard just now.</summary>
    public void Heard() => Volatile.Write(ref _heardAtTicks, time.GetUtcNow().UtcTicks);

    /// <summary>Restores, after a restart, when the control plane was last heard.</summary>
    public void RestoreHeardAt(DateTimeOffset at) => Volatile.Write(ref _heardAtTicks, at.UtcTicks);
}
