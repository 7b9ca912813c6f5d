using System.Globalization;

namespace Weir.Protocol.Postgres.Scram;

/// <summary>
/// The embedded Unicode data for <see cref="SaslPrep"/> (see make-unicode-tables.py). The framework's own normalization needs ICU, which
/// Weir's programs leave out. Loaded when a password is not ASCII, which is rare, and not kept.
/// </summary>
internal sealed class UnicodeTables
{
    private readonly Dictionary<string, List<(int First, int Last)>> _ranges = new(StringComparer.Ordinal);
    private readonly Dictionary<int, int> _classes = [];
    private readonly Dictionary<int, int[]> _decompositions = [];
    private readonly Dictionary<(int First, int Second), int> _compositions = [];

    private UnicodeTables()
    {
    }

    internal static UnicodeTables Load()
    {
        const string Resource = "Weir.Protocol.Postgres.Scram.UnicodeTables.txt";
        using var stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource {Resource} is missing.");
        using var reader = new StreamReader(stream);
        var tables = new UnicodeTables();
        var section = string.Empty;
        while (reader.ReadLine() is { } line)
        {
            if (line[0] == '[')
                section = line[1..^1];
            else
                tables.Add(section, line);
        }

        return tables;
    }

    /// <summary>Whether a table of RFC 3454 holds the code point: space, nothing, prohibited, unassigned, rightToLeft, leftToRight.</summary>
    internal bool Contains(string table, int code)
    {
        var ranges = _ranges[table];
        var low = 0;
        var high = ranges.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (code < ranges[middle].First)
                high = middle - 1;
            else if (code > ranges[middle].Last)
                low = middle + 1;
            else
                return true;
        }

        return false;
    }

    /// <summary>Canonical combining class; 0 for starters.</summary>
    internal int CombiningClass(int code) => _classes.GetValueOrDefault(code);

    /// <summary>The full compatibility decomposition; Hangul syllables are not in the table.</summary>
    internal bool TryDecompose(int code, out int[]? decomposition) => _decompositions.TryGetValue(code, out decomposition);

    internal bool TryCompose(int first, int second, out int composed) => _compositions.TryGetValue((first, second), out composed);

    private void Add(string section, string line)
    {
        var words = line.Split(' ');
        switch (section)
        {
            case "class":
                var (first, last) = Range(words[0]);
                for (var code = first; code <= last; code++)
                    _classes[code] = Code(words[1]);
                break;
            case "decompose":
                _decompositions[Code(words[0])] = [.. words.Skip(1).Select(Code)];
                break;
            case "compose":
                _compositions[(Code(words[1]), Code(words[2]))] = Code(words[0]);
                break;
            default:
                if (!_ranges.TryGetValue(section, out var ranges))
                    _ranges[section] = ranges = [];
                ranges.Add(Range(line));
                break;
        }
    }

    private static (int First, int Last) Range(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? (Code(text), Code(text)) : (Code(text[..dash]), Code(text[(dash + 1)..]));
    }

    private static int Code(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
