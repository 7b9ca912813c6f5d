namespace Weir.Sql.Lexing;

/// <summary>PostgreSQL's integer literals: decimal, 0x, 0o, 0b, with underscores between digits.</summary>
internal static class NumberText
{
    public static bool IsDigit(byte c, int radix) => radix switch
    {
        16 => Characters.IsHexDigit(c),
        8 => c is >= (byte)'0' and <= (byte)'7',
        2 => c is (byte)'0' or (byte)'1',
        _ => c is >= (byte)'0' and <= (byte)'9',
    };

    /// <summary>False also for what is no whole number.</summary>
    public static bool FitsIn(ReadOnlySpan<byte> literal, long maximum)
    {
        int radix = 10;
        if (literal is [(byte)'0', _, _, ..] && literal[1] > '9' && literal[1] != '_')
        {
            radix = (literal[1] | 0x20) switch { 'x' => 16, 'o' => 8, _ => 2 };
            literal = literal[2..];
        }

        long value = 0;
        foreach (byte c in literal)
        {
            if (c == '_')
                continue;
            if (!IsDigit(c, radix))
                return false;
            int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
            if (value > (maximum - digit) / radix)
                return false;
            value = value * radix + digit;
        }

        return true;
    }
}
