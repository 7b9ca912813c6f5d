using Weir.Sql.Lexing;

namespace Weir.Sql.Parsing;

/// <summary>
/// Makes long <c>VALUES (…), (…), …</c> short: rows of constants that are alike, kind by kind, to one that stays are overwritten by spaces (offsets stay), because a tree of all of them would
/// take a dozen times the text. A row with anything but constants in it stays. The text is forwarded as it came: only values go unseen here, and whoever looks at values learns from
/// <see cref="ParsedScript.IsAbridged"/> that some are missing.
/// </summary>
internal static class LongValues
{
    /// <summary>Shorter texts stay as they are, so that each of their constants can be looked at.</summary>
    public const int FromBytes = 256 * 1024;

    /// <summary>Rows of a list that stay in any case: more than any judgement by their number looks at.</summary>
    private const int MinRows = 1_000;

    private const int MaxShapes = 64;

    /// <param name="sql">The text.</param>
    /// <param name="blanked">A copy of it, perhaps without its comments, to be changed.</param>
    /// <returns>Offset of each list of which rows were overwritten, in order.</returns>
    public static List<int> Blank(ReadOnlySpan<byte> sql, Span<byte> blanked)
    {
        var lists = new List<int>();
        var lexer = new SqlLexer(sql);
        var shapes = new List<byte[]>();
        var row = new List<byte>();
        bool more = lexer.Read();
        while (more)
        {
            if (lexer.Kind != SqlTokenKind.Identifier || !IsWord(lexer.Token, "values"u8))
            {
                more = lexer.Read();
                continue;
            }

            int list = lexer.Start, rows = 0, endOfLast = 0;
            bool isBlanked = false;
            shapes.Clear();
            more = lexer.Read();
            while (more && Is(ref lexer, (byte)'('))
            {
                bool isPlain = TryReadRow(ref lexer, row, out int end);
                rows++;
                if (isPlain && rows > MinRows && Knows(shapes, row))
                {
                    // With the comma in front of it.
                    blanked[endOfLast..end].Fill((byte)' ');
                    isBlanked = true;
                }
                else if (isPlain && shapes.Count < MaxShapes && !Knows(shapes, row))
                {
                    shapes.Add([.. row]);
                }

                endOfLast = end;
                more = lexer.Read();
                if (!more || !Is(ref lexer, (byte)','))
                    break;
                more = lexer.Read();
            }

            if (isBlanked)
                lists.Add(list);
        }

        return lists;
    }

    /// <summary>From the opening to the closing parenthesis.</summary>
    /// <param name="row">The kinds of its constants.</param>
    /// <param name="end">Behind it.</param>
    /// <returns>False: it holds something else, or has no end.</returns>
    private static bool TryReadRow(ref SqlLexer lexer, List<byte> row, out int end)
    {
        row.Clear();
        bool isPlain = true, isItemWanted = true;
        byte sign = 0;
        int depth = 1;
        while (lexer.Read())
        {
            end = lexer.Start + lexer.Length;
            if (Is(ref lexer, (byte)'('))
            {
                depth++;
                isPlain = false;
            }
            else if (Is(ref lexer, (byte)')'))
            {
                if (--depth == 0)
                    return isPlain && !isItemWanted;
            }
            else if (!isPlain)
            {
                continue;
            }
            else if (Is(ref lexer, (byte)','))
            {
                isPlain = !isItemWanted;
                isItemWanted = true;
            }
            else if (isItemWanted && sign == 0 && lexer.Kind == SqlTokenKind.Operator && lexer.Token is [(byte)'-' or (byte)'+'])
            {
                sign = lexer.Token[0];
            }
            else
            {
                byte kind = KindOf(ref lexer);
                isPlain = isItemWanted && kind != 0 && (sign == 0 || lexer.Kind is SqlTokenKind.Integer or SqlTokenKind.Numeric);
                row.Add(sign);
                row.Add(kind);
                sign = 0;
                isItemWanted = false;
            }
        }

        end = lexer.Start + lexer.Length;
        return false;
    }

    /// <summary>0 for what is no constant, or one that PostgreSQL may find fault with.</summary>
    private static byte KindOf(ref SqlLexer lexer)
    {
        switch (lexer.Kind)
        {
            case SqlTokenKind.Integer:
                return (byte)'i';
            case SqlTokenKind.Numeric:
                // Whole numbers are bigint or numeric, as their value has it.
                return lexer.Token.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0 ? (byte)'n' : lexer.Length < 19 ? (byte)'b' : (byte)0;
            case SqlTokenKind.String or SqlTokenKind.DollarString:
                return (byte)'s';
            case SqlTokenKind.EscapeString:
                return lexer.HasCheckedEscapes ? (byte)0 : (byte)'s';
            case SqlTokenKind.BitString:
                return (byte)'B';
            case SqlTokenKind.HexString:
                return (byte)'X';
            case SqlTokenKind.Identifier when IsWord(lexer.Token, "null"u8):
                return (byte)'0';
            case SqlTokenKind.Identifier when IsWord(lexer.Token, "true"u8) || IsWord(lexer.Token, "false"u8):
                return (byte)'t';
            case SqlTokenKind.Identifier when IsWord(lexer.Token, "default"u8):
                return (byte)'d';
            default:
                return 0;
        }
    }

    private static bool Knows(List<byte[]> shapes, List<byte> row)
    {
        ReadOnlySpan<byte> kinds = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(row);
        foreach (byte[] shape in shapes)
        {
            if (kinds.SequenceEqual(shape))
                return true;
        }

        return false;
    }

    private static bool Is(ref SqlLexer lexer, byte punctuation) => lexer.Kind == SqlTokenKind.Punctuation && lexer.Length == 1 && lexer.Token[0] == punctuation;

    private static bool IsWord(ReadOnlySpan<byte> token, ReadOnlySpan<byte> lower)
    {
        if (token.Length != lower.Length)
            return false;
        for (int i = 0; i < token.Length; i++)
        {
            if ((token[i] | 0x20) != lower[i])
                return false;
        }

        return true;
    }
}
