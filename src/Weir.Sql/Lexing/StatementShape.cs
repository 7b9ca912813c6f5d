using System.Text.Unicode;

namespace Weir.Sql.Lexing;

/// <summary>
/// The lexical shape of a text: its tokens, without comments, spaces and the values of constants. Two texts with equal
/// keys are the same to PostgreSQL's grammar up to the values of their constants, so that a verdict that depends on no
/// value holds for both.
/// </summary>
/// <remarks>
/// The key is the tokens, one space between two of them: names without quotes in lower case, quoted names as they stand,
/// and for a constant a quote and a letter for its <see cref="LiteralKind"/>. No token but these begins with a quote,
/// so different sequences of tokens have different keys. Compare whole keys: equal hashes prove nothing.
/// </remarks>
public static class StatementShape
{
    /// <summary>A key buffer of this size is never too small for a text of <paramref name="textLength"/> bytes.</summary>
    public static int MaxKeyLength(int textLength) => checked(textLength * 3);

    /// <summary>
    /// Writes the key of <paramref name="sql"/> and collects its literals. False when the text can't be vouched for (an
    /// error of any kind, escapes that PostgreSQL checks) or a buffer is too small: then only the exact text identifies
    /// it. Allocates nothing.
    /// </summary>
    /// <param name="hash">Of the key; different in every process.</param>
    /// <param name="literals">Cleared first.</param>
    public static bool TryWrite(ReadOnlySpan<byte> sql, Span<byte> key, out int keyLength, out ulong hash, ref LiteralList literals)
    {
        keyLength = 0;
        hash = 0;
        literals.Clear();
        if (sql.Contains((byte)0) || !Utf8.IsValid(sql))
            return false;

        int length = 0;
        var reader = new LiteralReader(sql);
        while (reader.Read())
        {
            if (reader.HasCheckedEscapes)
                return false;
            ReadOnlySpan<byte> token = reader.Token;
            if (key.Length - length < Math.Max(token.Length, 2) + 1)
                return false;
            if (length > 0)
                key[length++] = (byte)' ';

            if (reader.Kind == SqlTokenKind.Identifier)
            {
                foreach (byte c in token)
                    key[length++] = Characters.ToLower(c);
            }
            else if (reader.Literal is { } kind)
            {
                if (!literals.TryAdd(new SqlLiteral(reader.Start, reader.Length, kind)))
                    return false;
                key[length++] = (byte)'\'';
                key[length++] = Letter(kind);
            }
            else
            {
                token.CopyTo(key[length..]);
                length += token.Length;
            }
        }

        if (reader.Kind != SqlTokenKind.End)
            return false;
        keyLength = length;
        hash = ShapeHash.Of(key[..length]);
        return true;
    }

    private static byte Letter(LiteralKind kind) => "?snbxild"u8[(int)kind];
}
