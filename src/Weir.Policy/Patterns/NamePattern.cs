using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Weir.Policy.Patterns;

/// <summary>A compiled pattern of dotted names: <c>schema.name</c>, <c>schema.table.column</c>, or a function's name with or without schema.</summary>
public sealed class NamePattern
{
    /// <summary>Longest pattern in characters: three quoted names of PostgreSQL's 63 bytes fit.</summary>
    public const int MaxLength = 400;

    private NamePattern(string text, NamePart[] parts)
    {
        Text = text;
        Parts = parts;
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>One compiled part per dotted part.</summary>
    public IReadOnlyList<NamePart> Parts { get; }

    /// <summary>The last part: the name of the relation, column or function.</summary>
    public NamePart Last => Parts[^1];

    /// <param name="fault">What is wrong, for people; null on success.</param>
    public static bool TryParse(string text, int minParts, int maxParts, [NotNullWhen(true)] out NamePattern? pattern, [NotNullWhen(false)] out string? fault)
    {
        pattern = null;
        if (text.Length is 0 or > MaxLength)
        {
            fault = $"a pattern has 1 to {MaxLength} characters";
            return false;
        }

        var parts = new List<NamePart>();
        var pieces = new List<string>();
        var literal = new StringBuilder();
        bool isEmpty = true;
        for (int i = 0; i <= text.Length; i++)
        {
            char c = i < text.Length ? text[i] : '.';
            if (c == '.')
            {
                if (isEmpty)
                {
                    fault = "a part of the name is empty";
                    return false;
                }

                pieces.Add(literal.ToString());
                parts.Add(NamePart.Of(pieces));
                pieces.Clear();
                literal.Clear();
                isEmpty = true;
                continue;
            }

            isEmpty = false;
            if (c == '*')
            {
                pieces.Add(literal.ToString());
                literal.Clear();
            }
            else if (c == '"')
            {
                int end = ReadQuoted(text, i + 1, literal);
                if (end < 0)
                {
                    fault = "a double quote is not closed";
                    return false;
                }

                i = end;
            }
            else if (char.IsControl(c) || char.IsWhiteSpace(c))
            {
                fault = "names with blanks stand in double quotes";
                return false;
            }
            else
            {
                literal.Append(c);
            }
        }

        if (parts.Count < minParts || parts.Count > maxParts)
        {
            fault = $"has {parts.Count} part{(parts.Count == 1 ? "" : "s")} where {Shape(minParts, maxParts)} is expected";
            return false;
        }

        pattern = new NamePattern(text, [.. parts]);
        fault = null;
        return true;
    }

    private static int ReadQuoted(string text, int i, StringBuilder literal)
    {
        for (; i < text.Length; i++)
        {
            if (text[i] != '"')
            {
                literal.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == '"')
            {
                literal.Append('"');
                i++;
            }
            else
            {
                return i;
            }
        }

        return -1;
    }

    private static string Shape(int min, int max) => (min, max) switch
    {
        (3, 3) => "schema.table.column (such as *.*.ssn)",
        (2, 2) => "schema.name (such as public.orders or *.orders)",
        (1, 2) => "name or schema.name",
        _ => "a name",
    };
}
