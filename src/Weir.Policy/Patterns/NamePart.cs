namespace Weir.Policy.Patterns;

/// <summary>
/// One part of a name pattern, compiled. Outside double quotes <c>*</c> stands for any run of characters; inside them everything is literal and
/// <c>""</c> is a quote. Case-sensitive, as catalog names are.
/// </summary>
public sealed class NamePart
{
    // Literals between the stars; one entry when there is no star.
    private readonly string[] _pieces;

    private NamePart(string[] pieces)
    {
        _pieces = pieces;
        IsAny = pieces is ["", ""];
    }

    /// <summary>Matches every name.</summary>
    public bool IsAny { get; }

    public bool IsExact => _pieces.Length == 1;

    /// <summary>Literal text that every match starts with; the whole name when <see cref="IsExact"/>.</summary>
    public string Prefix => _pieces[0];

    /// <summary>Literal text that every match ends with.</summary>
    public string Suffix => _pieces[^1];

    public bool Matches(ReadOnlySpan<char> name)
    {
        if (_pieces.Length == 1)
            return name.SequenceEqual(_pieces[0]);
        if (name.Length < Prefix.Length + Suffix.Length || !name.StartsWith(Prefix) || !name.EndsWith(Suffix))
            return false;

        // Greedy from the left is right for literals between stars: taking each at its first place leaves most for the rest.
        var rest = name[Prefix.Length..^Suffix.Length];
        for (int i = 1; i < _pieces.Length - 1; i++)
        {
            int at = rest.IndexOf(_pieces[i]);
            if (at < 0)
                return false;
            rest = rest[(at + _pieces[i].Length)..];
        }

        return true;
    }

    internal static NamePart Of(List<string> pieces)
    {
        // "**" means the same as "*".
        var merged = new List<string> { pieces[0] };
        for (int i = 1; i < pieces.Count; i++)
        {
            if (i < pieces.Count - 1 && pieces[i].Length == 0)
                continue;
            merged.Add(pieces[i]);
        }

        return new NamePart([.. merged]);
    }
}
