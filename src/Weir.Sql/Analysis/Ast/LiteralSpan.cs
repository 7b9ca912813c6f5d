namespace Weir.Sql.Analysis.Ast;

/// <summary>Finds where a literal ends whose start the tree tells (manual, "Lexical Structure: Constants").</summary>
internal static class LiteralSpan
{
    /// <summary>Length in bytes of the constant at <paramref name="start"/>; to the end of the text when it is none that this knows.</summary>
    public static int Measure(ReadOnlySpan<byte> sql, int start)
    {
        if ((uint)start >= (uint)sql.Length)
            return 0;
        int i = start;
        while (i < sql.Length && sql[i] is (byte)'-' or (byte)'+' or (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
            i++;
        if (i >= sql.Length)
            return sql.Length - start;
        byte c = sql[i];
        byte next = i + 1 < sql.Length ? sql[i + 1] : (byte)0;
        if (c == '\'')
            return Quoted(sql, i, escapes: false) - start;
        if (c is (byte)'e' or (byte)'E' && next == '\'')
            return Quoted(sql, i + 1, escapes: true) - start;
        if (c is (byte)'n' or (byte)'N' or (byte)'b' or (byte)'B' or (byte)'x' or (byte)'X' && next == '\'')
            return Quoted(sql, i + 1, escapes: false) - start;
        if (c is (byte)'u' or (byte)'U' && next == '&' && i + 2 < sql.Length && sql[i + 2] == '\'')
            return Quoted(sql, i + 2, escapes: false) - start;
        if (c == '$')
            return DollarQuoted(sql, i) - start;
        while (i < sql.Length && (char.IsAsciiLetterOrDigit((char)sql[i]) || sql[i] is (byte)'.' or (byte)'_' || sql[i] is (byte)'+' or (byte)'-' && sql[i - 1] is (byte)'e' or (byte)'E'))
            i++;
        return i - start;
    }

    /// <summary>Position behind the closing quote, over continuations on following lines.</summary>
    private static int Quoted(ReadOnlySpan<byte> sql, int open, bool escapes)
    {
        int i = open + 1;
        while (i < sql.Length)
        {
            if (escapes && sql[i] == '\\')
            {
                i += 2;
            }
            else if (sql[i] != '\'')
            {
                i++;
            }
            else if (i + 1 < sql.Length && sql[i + 1] == '\'')
            {
                i += 2;
            }
            else
            {
                i++;
                int resume = i;
                bool newline = false;
                while (resume < sql.Length && sql[resume] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f' or (byte)'\v')
                    newline |= sql[resume++] is (byte)'\n' or (byte)'\r';
                if (!newline || resume >= sql.Length || sql[resume] != '\'')
                    return i;
                i = resume + 1;
            }
        }

        return sql.Length;
    }

    private static int DollarQuoted(ReadOnlySpan<byte> sql, int open)
    {
        int length = sql[(open + 1)..].IndexOf((byte)'$');
        if (length < 0)
            return sql.Length;
        ReadOnlySpan<byte> tag = sql.Slice(open, length + 2);
        int close = sql[(open + tag.Length)..].IndexOf(tag);
        return close < 0 ? sql.Length : open + tag.Length + close + tag.Length;
    }
}
