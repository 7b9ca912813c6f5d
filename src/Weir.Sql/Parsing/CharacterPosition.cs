namespace Weir.Sql.Parsing;

/// <summary>PostgreSQL counts positions in errors in characters: code points, from 1.</summary>
internal static class CharacterPosition
{
    public static int At(ReadOnlySpan<byte> utf8, int offset) => Count(utf8[..offset]) + 1;

    /// <summary>
    /// A position in one text, in another that has the same bytes except in places where each character of several bytes
    /// was replaced by several characters of one.
    /// </summary>
    public static int Translate(int position, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        int offset = 0;
        for (int left = position - 1; left > 0 && offset < from.Length; left--)
        {
            do
                offset++;
            while (offset < from.Length && IsContinuation(from[offset]));
        }

        return At(to, offset);
    }

    private static int Count(ReadOnlySpan<byte> utf8)
    {
        int count = 0;
        foreach (byte c in utf8)
            count += IsContinuation(c) ? 0 : 1;
        return count;
    }

    private static bool IsContinuation(byte c) => (c & 0xC0) == 0x80;
}
