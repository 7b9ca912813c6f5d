namespace Weir.Sql.Lexing;

/// <content>Numbers.</content>
public ref partial struct SqlLexer
{
    private bool ReadNumber()
    {
        int start = _position;
        if (_text[start] == '0')
        {
            int radix = (At(start + 1) | 0x20) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 10 };
            if (radix != 10)
                return ReadRadixInteger(radix);
        }

        int i = _text[start] == '.' ? start : EndOfDigits(start);
        bool whole = true;
        if (At(i) == '.' && At(i + 1) != '.')
        {
            whole = false;
            i++;
            if (Characters.Is(At(i), CharacterClass.Digit))
                i = EndOfDigits(i);
        }

        if ((At(i) | 0x20) == 'e')
        {
            int exponent = At(i + 1) is (byte)'+' or (byte)'-' ? i + 2 : i + 1;
            if (!Characters.Is(At(exponent), CharacterClass.Digit))
                return Invalid();
            whole = false;
            i = EndOfDigits(exponent);
        }

        if (HasTrailingJunk(start, i))
            return Invalid();
        bool small = whole && NumberText.FitsIn(_text[start..i], int.MaxValue);
        return Accept(small ? SqlTokenKind.Integer : SqlTokenKind.Numeric, i);
    }

    /// <summary>
    /// A letter behind a number is an error. A dollar sign is one only where PostgreSQL can see a name that it belongs to:
    /// <c>1$</c> is a number and something else, <c>1e5$</c> and <c>1_0$</c> are errors.
    /// </summary>
    private readonly bool HasTrailingJunk(int start, int end)
    {
        byte next = At(end);
        if (Characters.Is(next, CharacterClass.IdentifierStart))
            return true;
        if (next != '$')
            return false;
        for (int i = end - 1; i > start && Characters.Is(_text[i], CharacterClass.IdentifierPart); i--)
        {
            if (Characters.Is(_text[i], CharacterClass.IdentifierStart))
                return true;
        }

        return false;
    }

    private bool ReadRadixInteger(int radix)
    {
        int i = _position + 2;
        while (true)
        {
            int digit = At(i) == '_' ? i + 1 : i;
            if (!NumberText.IsDigit(At(digit), radix))
                break;
            i = digit + 1;
        }

        if (i == _position + 2 || Characters.Is(At(i), CharacterClass.IdentifierPart))
            return Invalid();
        bool small = NumberText.FitsIn(_text[_position..i], int.MaxValue);
        return Accept(small ? SqlTokenKind.Integer : SqlTokenKind.Numeric, i);
    }

    /// <summary>Digits with single underscores between them.</summary>
    private readonly int EndOfDigits(int i)
    {
        while (true)
        {
            i++;
            byte c = At(i);
            if (!Characters.Is(c, CharacterClass.Digit) && !(c == '_' && Characters.Is(At(i + 1), CharacterClass.Digit)))
                return i;
        }
    }
}
