using System.Collections.Immutable;
using System.Text;

namespace Weir.Agent.Sessions;

/// <summary>Reads the value of the search_path setting.</summary>
internal static class SearchPath
{
    /// <summary>The entries, unquoted and folded as the server does; default when the text can't be read.</summary>
    public static ImmutableArray<string> Parse(string text)
    {
        var entries = ImmutableArray.CreateBuilder<string>();
        var i = 0;
        while (true)
        {
            while (i < text.Length && char.IsWhiteSpace(text[i]))
                i++;
            if (i == text.Length)
                return entries.Count == 0 || !text.TrimEnd().EndsWith(',') ? entries.ToImmutable() : default;
            var entry = new StringBuilder();
            if (text[i] == '"')
            {
                for (i++; ; i++)
                {
                    if (i == text.Length)
                        return default;
                    if (text[i] == '"')
                    {
                        if (i + 1 == text.Length || text[i + 1] != '"')
                            break;
                        i++;
                    }

                    entry.Append(text[i]);
                }

                i++;
            }
            else
            {
                for (; i < text.Length && text[i] != ',' && !char.IsWhiteSpace(text[i]); i++)
                    entry.Append(char.IsAscii(text[i]) ? char.ToLowerInvariant(text[i]) : text[i]);
            }

            if (entry.Length > 0)
                entries.Add(entry.ToString());
            while (i < text.Length && char.IsWhiteSpace(text[i]))
                i++;
            if (i == text.Length)
                return entries.ToImmutable();
            if (text[i++] != ',')
                return default;
        }
    }
}
