namespace Weir.Sql.Parsing;

internal static class JsonDepth
{
    /// <summary>Whether well-formed JSON nests deeper than <paramref name="limit"/>.</summary>
    public static bool Exceeds(ReadOnlySpan<byte> json, int limit)
    {
        int depth = 0;
        bool inString = false;
        for (int i = 0; i < json.Length; i++)
        {
            byte c = json[i];
            if (inString)
            {
                if (c == '\\')
                    i++;
                else if (c == '"')
                    inString = false;
            }
            else if (c == '"')
            {
                inString = true;
            }
            else if (c is (byte)'{' or (byte)'[')
            {
                if (++depth > limit)
                    return true;
            }
            else if (c is (byte)'}' or (byte)']')
            {
                depth--;
            }
        }

        return false;
    }
}
