using System.Numerics;

namespace Weir.Policy.Analysis;

/// <summary>The public snake_case names of <see cref="Effects"/>.</summary>
public static class EffectNames
{
    private static readonly (Effects Effect, string Name)[] Names =
    [
        (Effects.Read, "read"), (Effects.Insert, "insert"), (Effects.Update, "update"), (Effects.Delete, "delete"),
        (Effects.Merge, "merge"), (Effects.Truncate, "truncate"), (Effects.Create, "create"), (Effects.Alter, "alter"),
        (Effects.Drop, "drop"), (Effects.Grant, "grant"), (Effects.CopyIn, "copy_in"), (Effects.CopyOut, "copy_out"),
        (Effects.Program, "program"), (Effects.Lock, "lock"), (Effects.Maintenance, "maintenance"),
        (Effects.Session, "session"), (Effects.Transaction, "transaction"), (Effects.Call, "call"),
        (Effects.Dynamic, "dynamic"), (Effects.Notify, "notify"), (Effects.Replication, "replication"),
        (Effects.Unknown, "unknown"),
    ];

    /// <summary>All names, in the order of the documentation.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names.Select(n => n.Name)];

    /// <summary>Finds the single effect of that exact name.</summary>
    public static bool TryParse(string name, out Effects effect)
    {
        foreach (var (candidate, candidateName) in Names)
        {
            if (candidateName == name)
            {
                effect = candidate;
                return true;
            }
        }

        effect = Effects.None;
        return false;
    }

    /// <summary>The names of every effect in the set, in the order of the documentation.</summary>
    public static IReadOnlyList<string> NamesOf(Effects effects)
    {
        if (effects == Effects.None)
        {
            return [];
        }

        var names = new List<string>(BitOperations.PopCount((uint)effects));
        foreach (var (effect, name) in Names)
        {
            if ((effects & effect) != 0)
            {
                names.Add(name);
            }
        }

        return names;
    }
}
