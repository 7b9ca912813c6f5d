namespace Weir.Sql.Lexing;

/// <content>Quoted names, strings of all kinds, and what begins with a dollar sign.</content>
public ref partial struct SqlLexer
{
    private bool ReadQuotedIdentifier(SqlTokenKind kind, int prefix)
    {
        int start = _position + prefix + 1;
        int i = start;
        while (true)
        {
            int skip = _text[i..].IndexOf((byte)'"');
            if (skip < 0)
                return Invalid();
            i += skip;
            if (At(i + 1) != '"')
                break;
            i += 2;
        }

        // A zero-length name is an error.
        return i == start ? Invalid() : Accept(kind, i + 1);
    }

    /// <summary>Quoted text in which only the quote itself is special. In B'' and X'' a doubled quote ends the literal.</summary>
    private bool ReadString(SqlTokenKind kind, int prefix)
    {
        HasCheckedEscapes = kind == SqlTokenKind.UnicodeString;
        bool doubling = kind is not (SqlTokenKind.BitString or SqlTokenKind.HexString);
        int i = _position + prefix + 1;
        while (true)
        {
            int skip = _text[i..].IndexOf((byte)'\'');
            if (skip < 0)
                return Invalid();
            i += skip + 1;
            if (doubling && At(i) == '\'')
            {
                i++;
            }
            else
            {
                int continued = Continuation(i);
                if (continued < 0)
                    return Accept(kind, i);
                i = continued;
            }
        }
    }

    private bool ReadEscapeString()
    {
        HasCheckedEscapes = false;
        int i = _position + 2;
        while (true)
        {
            int skip = _text[i..].IndexOfAny((byte)'\'', (byte)'\\');
            if (skip < 0)
                return Invalid();
            i += skip + 1;
            if (_text[i - 1] == '\\')
            {
                if (i == _text.Length)
                    return Invalid();
                if (!SkipEscape(ref i))
                    return Invalid();
            }
            else if (At(i) == '\'')
            {
                i++;
            }
            else
            {
                int continued = Continuation(i);
                if (continued < 0)
                    return Accept(SqlTokenKind.EscapeString, i);
                i = continued;
            }
        }
    }

    /// <summary>Stands behind a backslash. False: not enough hexadecimal digits, which is an error.</summary>
    private bool SkipEscape(ref int i)
    {
        byte c = _text[i++];
        HasCheckedEscapes |= c is (byte)'x' or (byte)'u' or (byte)'U' or (>= (byte)'0' and <= (byte)'7');
        int digits = c switch { (byte)'u' => 4, (byte)'U' => 8, _ => 0 };
        for (; digits > 0; digits--, i++)
        {
            if (!Characters.IsHexDigit(At(i)))
                return false;
        }

        return true;
    }

    /// <summary>
    /// Behind a closing quote: spaces and line comments with at least one line end among them, then a quote, continue the
    /// literal. Gives the offset behind that quote, or -1.
    /// </summary>
    private readonly int Continuation(int i)
    {
        bool newline = false;
        while (i < _text.Length)
        {
            byte c = _text[i];
            if (c is (byte)'\n' or (byte)'\r')
            {
                newline = true;
                i++;
            }
            else if (Characters.Is(c, CharacterClass.Space))
            {
                i++;
            }
            else if (c == '-' && At(i + 1) == '-')
            {
                int end = EndOfLine(i);
                Blank(i, end); // a comment, whether what follows continues the literal or not
                i = end;
            }
            else
            {
                return newline && c == '\'' ? i + 1 : -1;
            }
        }

        return -1;
    }

    private bool ReadDollar()
    {
        int i = _position + 1;
        if (Characters.Is(At(i), CharacterClass.Digit))
        {
            while (Characters.Is(At(i), CharacterClass.Digit))
                i++;
            // A parameter's number has 31 bits; letters behind it are an error.
            return Characters.Is(At(i), CharacterClass.IdentifierStart) || !NumberText.FitsIn(_text[(_position + 1)..i], int.MaxValue)
                ? Invalid()
                : Accept(SqlTokenKind.Parameter, i);
        }

        if (Characters.Is(At(i), CharacterClass.IdentifierStart))
        {
            while (At(i) != '$' && Characters.Is(At(i), CharacterClass.IdentifierPart))
                i++;
        }

        if (At(i) != '$')
            return Invalid();
        HasCheckedEscapes = false;
        ReadOnlySpan<byte> delimiter = _text[_position..(i + 1)];
        int length = _text[(i + 1)..].IndexOf(delimiter);
        return length < 0 ? Invalid() : Accept(SqlTokenKind.DollarString, i + 1 + length + delimiter.Length);
    }
}
