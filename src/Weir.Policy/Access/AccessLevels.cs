using Weir.Policy.Analysis;

namespace Weir.Policy.Access;

/// <summary>What each access level allows.</summary>
public static class AccessLevels
{
    private const Effects Read = Effects.Read | Effects.CopyOut | Effects.Session | Effects.Transaction;

    private const Effects Write = Read | Effects.Insert | Effects.Update | Effects.Delete | Effects.Merge | Effects.CopyIn | Effects.Call | Effects.Notify
        | Effects.Lock;

    private const Effects Admin = Write | Effects.Create | Effects.Alter | Effects.Drop | Effects.Truncate | Effects.Grant | Effects.Maintenance | Effects.Dynamic;

    /// <summary>Effects that level <c>write</c> allows when they fall on temporary relations.</summary>
    public const Effects OnTemporary = Effects.Create | Effects.Alter | Effects.Drop | Effects.Truncate | Effects.Maintenance;

    /// <summary>Effects that no level allows; a rule must allow them by name.</summary>
    public const Effects ByNameOnly = Effects.Program | Effects.Replication;

    public static Effects EffectsOf(AccessLevel level) => level switch
    {
        AccessLevel.Read => Read,
        AccessLevel.Write => Write,
        AccessLevel.Admin => Admin,
        _ => Effects.None,
    };

    /// <summary>The lowest level that allows all of the effects; null when none does.</summary>
    public static AccessLevel? LevelFor(Effects effects)
    {
        foreach (var level in (ReadOnlySpan<AccessLevel>)[AccessLevel.Read, AccessLevel.Write, AccessLevel.Admin])
        {
            if ((effects & ~EffectsOf(level)) == 0)
                return level;
        }

        return null;
    }

    /// <summary>The public name.</summary>
    public static string NameOf(AccessLevel level) => level switch
    {
        AccessLevel.Read => "read",
        AccessLevel.Write => "write",
        AccessLevel.Admin => "admin",
        _ => "none",
    };
}
