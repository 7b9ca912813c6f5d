using System.Collections.Frozen;

namespace Weir.Policy.Patterns;

/// <summary>
/// Finds which of many name parts may match a name without trying them all: exact ones by hash, the others by their literal beginning or end.
/// What it finds must still be matched in full.
/// </summary>
internal sealed class PatternIndex
{
    private readonly FrozenDictionary<string, int[]> _exact;
    private readonly FrozenDictionary<string, int[]> _prefixes;
    private readonly FrozenDictionary<string, int[]> _suffixes;
    private readonly int[] _prefixLengths;
    private readonly int[] _suffixLengths;
    private readonly int[] _rest;

    /// <param name="entries">Name parts and the number of the rule each belongs to.</param>
    public PatternIndex(IReadOnlyCollection<(NamePart Part, int Rule)> entries)
    {
        _exact = Group(entries.Where(e => e.Part.IsExact), p => p.Prefix);
        _prefixes = Group(entries.Where(e => !e.Part.IsExact && e.Part.Prefix.Length > 0), p => p.Prefix);
        _suffixes = Group(entries.Where(e => !e.Part.IsExact && e.Part.Prefix.Length == 0 && e.Part.Suffix.Length > 0), p => p.Suffix);
        _rest = [.. entries.Where(e => !e.Part.IsExact && e.Part.Prefix.Length == 0 && e.Part.Suffix.Length == 0).Select(e => e.Rule).Distinct()];
        _prefixLengths = [.. _prefixes.Keys.Select(k => k.Length).Distinct().Order()];
        _suffixLengths = [.. _suffixes.Keys.Select(k => k.Length).Distinct().Order()];
    }

    /// <summary>Marks the rules that may match in a bit set.</summary>
    public void Collect(string name, Span<ulong> rules)
    {
        if (_exact.TryGetValue(name, out int[]? found))
            Mark(found, rules);
        var prefixes = _prefixes.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (int length in _prefixLengths)
        {
            if (length > name.Length)
                break;
            if (prefixes.TryGetValue(name.AsSpan(0, length), out found))
                Mark(found, rules);
        }

        var suffixes = _suffixes.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (int length in _suffixLengths)
        {
            if (length > name.Length)
                break;
            if (suffixes.TryGetValue(name.AsSpan(name.Length - length), out found))
                Mark(found, rules);
        }

        Mark(_rest, rules);
    }

    private static void Mark(int[] found, Span<ulong> rules)
    {
        foreach (int rule in found)
            rules[rule >> 6] |= 1UL << (rule & 63);
    }

    private static FrozenDictionary<string, int[]> Group(IEnumerable<(NamePart Part, int Rule)> entries, Func<NamePart, string> key)
        => entries.GroupBy(e => key(e.Part), StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => g.Select(e => e.Rule).Distinct().ToArray(), StringComparer.Ordinal);
}
