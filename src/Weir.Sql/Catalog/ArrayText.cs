using System.Text;

namespace Weir.Sql.Catalog;

/// <summary>One-dimensional arrays in PostgreSQL's text form (manual, "Array Input and Output Syntax").</summary>
internal static class ArrayText
{
    public static string?[] Parse(string? text)
    {
        if (text is null || text.Length < 2 || text[0] != '{')
            return [];
        var items = new List<string?>();
        var item = new StringBuilder();
        bool inQuotes = false, wasQuoted = false, any = false;
        for (int i = 1; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\' && i + 1 < text.Length)
            {
                item.Append(text[++i]);
                any = true;
            }
            else if (c == '"')
            {
                inQuotes = !inQuotes;
                wasQuoted = any = true;
            }
            else if (!inQuotes && c is ',' or '}' && !inQuotes)
            {
                if (any || c == ',')
                    items.Add(!wasQuoted && item.ToString() == "NULL" ? null : item.ToString());
                item.Clear();
                wasQuoted = any = false;
                if (c == '}')
                    break;
                any = c == ',';
            }
            else
            {
                item.Append(c);
                any = true;
            }
        }

        return [.. items];
    }
}
