using System.Collections.Immutable;

namespace Weir.Policy.Packs;

/// <summary>All packs that ship with this version.</summary>
public static class PackCatalog
{
    public static ImmutableArray<Pack> All { get; } = [PostgresBaseline.Pack, AiAgent.Pack, ChangeWindow.Pack];

    /// <summary>Their names, for messages.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(p => p.Name));

    public static Pack? Find(string name) => All.FirstOrDefault(p => p.Name == name);
}
