using Weir.Sql.Analysis.Lineages;

namespace Weir.Sql.Analysis.Walking;

/// <summary>Parameters of a function, and variables and records of a PL/pgSQL body.</summary>
internal sealed class VariableSet
{
    private readonly Dictionary<string, Lineage> _named = new(StringComparer.Ordinal);

    /// <summary>True when a name that is no column may be a variable that isn't listed.</summary>
    public bool IsOpen { get; init; }

    /// <summary>The owner's name, which may qualify a parameter.</summary>
    public string Owner { get; init; } = "";

    /// <summary>What flows in through the parameters and variables, all together.</summary>
    public Lineage Everything { get; init; } = Lineage.None;

    public void Add(string name, Lineage value) => _named[name] = value;

    public Lineage? Find(string name) => _named.TryGetValue(name, out Lineage? value) ? value : IsOpen ? Everything : null;
}
