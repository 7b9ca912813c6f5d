using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Weir.Sql.Catalog;

/// <summary>A large dictionary that never changes under a few changes: a null in the upper layer hides what lies below. Immutable.</summary>
internal sealed class Layered<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    private readonly FrozenDictionary<TKey, TValue> _below;
    private readonly ImmutableDictionary<TKey, TValue?> _above;

    public Layered(FrozenDictionary<TKey, TValue> below)
        : this(below, ImmutableDictionary<TKey, TValue?>.Empty)
    {
    }

    private Layered(FrozenDictionary<TKey, TValue> below, ImmutableDictionary<TKey, TValue?> above)
    {
        _below = below;
        _above = above;
    }

    /// <summary>Entries of the lower layer.</summary>
    public int Count => _below.Count;

    public IEnumerable<TValue> Values => _above.IsEmpty
        ? _below.Values
        : _below.Where(b => !_above.ContainsKey(b.Key)).Select(b => b.Value).Concat(_above.Values.OfType<TValue>());

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (!_above.IsEmpty && _above.TryGetValue(key, out TValue? upper))
        {
            value = upper;
            return upper is not null;
        }

        return _below.TryGetValue(key, out value);
    }

    public bool ContainsKey(TKey key) => TryGetValue(key, out _);

    public TValue? GetValueOrDefault(TKey key) => TryGetValue(key, out TValue? value) ? value : null;

    public Layered<TKey, TValue> With(TKey key, TValue? value) => new(_below, _above.SetItem(key, value));
}
