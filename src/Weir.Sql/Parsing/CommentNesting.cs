namespace Weir.Sql.Parsing;

/// <summary>
/// How deep block comments nest. Counts every <c>/*</c> and <c>*/</c>, also in strings and names: a text that hides fifty
/// comment starts in a string is refused too, which errs to the safe side.
/// </summary>
internal static class CommentNesting
{
    public static bool Exceeds(ReadOnlySpan<byte> sql, int limit)
    {
        int depth = 0;
        while (true)
        {
            int star = sql.IndexOf((byte)'*');
            if (star < 0)
                return false;
            if (star > 0 && sql[star - 1] == '/')
            {
                if (++depth > limit)
                    return true;
            }
            else if (star + 1 < sql.Length && sql[star + 1] == '/')
            {
                depth = Math.Max(0, depth - 1);
                star++; // its slash opens nothing
            }

            sql = sql[(star + 1)..];
        }
    }
}
