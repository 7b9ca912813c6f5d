using System.Collections.Frozen;

namespace Weir.Policy.Documents.Reading;

/// <summary>The public names of an enumeration's values, in the order of the documentation.</summary>
internal sealed class EnumNames<T>
    where T : struct, Enum
{
    private readonly FrozenDictionary<string, T> _values;
    private readonly FrozenDictionary<T, string> _names;

    public EnumNames(params (T Value, string Name)[] pairs)
    {
        _values = pairs.ToFrozenDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        _names = pairs.ToFrozenDictionary(p => p.Value, p => p.Name);
        All = string.Join(", ", pairs.Select(p => p.Name));
    }

    /// <summary>All names, for messages.</summary>
    public string All { get; }

    public bool TryParse(string name, out T value) => _values.TryGetValue(name, out value);

    public string NameOf(T value) => _names[value];
}
