using System.Collections.Immutable;
using System.Text;

namespace Weir.Sql.Analysis;

/// <summary>The value of the <c>search_path</c> setting: identifiers separated by commas, folded to lower case unless quoted.</summary>
public static class SearchPathText
{
    public static ImmutableArray<string> Parse(string text)
    {
        var entries = ImmutableArray.CreateBuilder<string>();
        var entry = new StringBuilder();
        bool inQuotes = false, wasQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (inQuotes)
            {
                if (c != '"')
                    entry.Append(c);
                else if (i + 1 < text.Length && text[i + 1] == '"')
                    entry.Append(text[++i]);
                else
                    inQuotes = false;
            }
            else if (c == '"')
            {
                inQuotes = wasQuoted = true;
            }
            else if (c == ',')
            {
                Flush();
            }
            else if (!char.IsWhiteSpace(c))
            {
                entry.Append(char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c);
            }
        }

        Flush();
        return entries.ToImmutable();

        void Flush()
        {
            if (entry.Length > 0 || wasQuoted)
                entries.Add(entry.ToString());
            entry.Clear();
            wasQuoted = false;
        }
    }
}
