namespace Weir.Sql.Lexing;

/// <summary>
/// Cuts SQL into the tokens that PostgreSQL 18 cuts it into, with <c>standard_conforming_strings</c> on. One pass, no
/// allocation, linear time on any bytes. Differences from scan.l are on the safe side: what it can't or won't follow is
/// <see cref="SqlTokenKind.Invalid"/>, never another token.
/// </summary>
public ref partial struct SqlLexer
{
    /// <summary>
    /// PostgreSQL looks at a whole run of operator characters for each operator in it. Longer ones than this are nobody's
    /// SQL (an operator has at most 63 characters), and would take quadratic time.
    /// </summary>
    private const int MaxOperatorRun = 256;

    private readonly ReadOnlySpan<byte> _text;
    private readonly Span<byte> _blanked;
    private int _position;

    public SqlLexer(ReadOnlySpan<byte> utf8Sql) => _text = utf8Sql;

    /// <param name="utf8Sql">The text.</param>
    /// <param name="blanked">A copy of it, in which comments are overwritten by spaces as the lexer passes them.</param>
    internal SqlLexer(ReadOnlySpan<byte> utf8Sql, Span<byte> blanked)
    {
        _text = utf8Sql;
        _blanked = blanked;
    }

    public SqlTokenKind Kind { get; private set; }

    /// <summary>Offset of the token's first byte.</summary>
    public int Start { get; private set; }

    /// <summary>Bytes of the token. For <see cref="SqlTokenKind.Invalid"/>: to the end of the text.</summary>
    public readonly int Length => _position - Start;

    public readonly ReadOnlySpan<byte> Token => _text[Start.._position];

    /// <summary>How deep block comments have been nested so far.</summary>
    public int CommentDepth { get; private set; }

    /// <summary>
    /// The current string has escapes whose value PostgreSQL may reject (<c>\u</c>, <c>\x</c>, octal, anything in U&amp;):
    /// replacing it by another string of its kind could turn an error into a statement.
    /// </summary>
    public bool HasCheckedEscapes { get; private set; }

    /// <summary>Goes to the next token. False at the end and at something invalid; <see cref="Kind"/> tells which.</summary>
    public bool Read()
    {
        if (Kind == SqlTokenKind.Invalid)
            return false;
        if (!SkipSpaceAndComments())
            return Invalid();
        Start = _position;
        if (_position == _text.Length)
        {
            Kind = SqlTokenKind.End;
            return false;
        }

        byte c = _text[_position];
        CharacterClass characterClass = Characters.Of(c);
        if ((characterClass & CharacterClass.IdentifierStart) != 0)
            return ReadWord(c);
        if ((characterClass & CharacterClass.Digit) != 0)
            return ReadNumber();
        if ((characterClass & CharacterClass.Operator) != 0)
            return ReadOperator();
        if ((characterClass & CharacterClass.Punctuation) != 0)
            return ReadPunctuation(c);
        return c switch
        {
            (byte)'\'' => ReadString(SqlTokenKind.String, prefix: 0),
            (byte)'"' => ReadQuotedIdentifier(SqlTokenKind.QuotedIdentifier, prefix: 0),
            (byte)'$' => ReadDollar(),
            _ => Invalid(),
        };
    }

    private readonly byte At(int position) => (uint)position < (uint)_text.Length ? _text[position] : (byte)0;

    private bool Accept(SqlTokenKind kind, int end)
    {
        Kind = kind;
        _position = end;
        return true;
    }

    private bool Invalid()
    {
        Kind = SqlTokenKind.Invalid;
        _position = _text.Length;
        return false;
    }

    private readonly void Blank(int start, int end)
    {
        if (!_blanked.IsEmpty)
            _blanked[start..end].Fill((byte)' ');
    }

    /// <summary>False when a comment has no end; the position is then where it starts.</summary>
    private bool SkipSpaceAndComments()
    {
        int i = _position;
        while (i < _text.Length)
        {
            byte c = _text[i];
            if (Characters.Is(c, CharacterClass.Space))
            {
                i++;
            }
            else if (c == '-' && At(i + 1) == '-')
            {
                int end = EndOfLine(i);
                Blank(i, end);
                i = end;
            }
            else if (c == '/' && At(i + 1) == '*')
            {
                Start = i;
                int end = EndOfBlockComment(i);
                if (end < 0)
                    return false;
                Blank(i, end);
                i = end;
            }
            else
            {
                break;
            }
        }

        _position = i;
        return true;
    }

    private readonly int EndOfLine(int from)
    {
        int length = _text[from..].IndexOfAny((byte)'\n', (byte)'\r');
        return length < 0 ? _text.Length : from + length;
    }

    private int EndOfBlockComment(int start)
    {
        int depth = 0;
        int i = start;
        while (true)
        {
            int skip = _text[i..].IndexOfAny((byte)'*', (byte)'/');
            if (skip < 0)
                return -1;
            i += skip;
            byte next = At(i + 1);
            if (_text[i] == '/' && next == '*')
            {
                CommentDepth = Math.Max(CommentDepth, ++depth);
                i += 2;
            }
            else if (_text[i] == '*' && next == '/')
            {
                i += 2;
                if (--depth == 0)
                    return i;
            }
            else
            {
                i++;
            }
        }
    }

    private bool ReadWord(byte first)
    {
        byte second = At(_position + 1);
        if (second == '\'')
        {
            switch (first | 0x20)
            {
                case 'e': return ReadEscapeString();
                case 'b': return ReadString(SqlTokenKind.BitString, prefix: 1);
                case 'x': return ReadString(SqlTokenKind.HexString, prefix: 1);
                case 'n': return ReadString(SqlTokenKind.NationalString, prefix: 1);
                default: break;
            }
        }
        else if (second == '&' && (first | 0x20) == 'u')
        {
            if (At(_position + 2) == '\'')
                return ReadString(SqlTokenKind.UnicodeString, prefix: 2);
            if (At(_position + 2) == '"')
                return ReadQuotedIdentifier(SqlTokenKind.UnicodeIdentifier, prefix: 2);
        }

        int i = _position + 1;
        while (i < _text.Length && Characters.Is(_text[i], CharacterClass.IdentifierPart))
            i++;
        return Accept(SqlTokenKind.Identifier, i);
    }

    private bool ReadPunctuation(byte c)
    {
        byte next = At(_position + 1);
        if (c == '.' && Characters.Is(next, CharacterClass.Digit))
            return ReadNumber();
        bool pair = (c == '.' && next == '.') || (c == ':' && next is (byte)':' or (byte)'=');
        return Accept(SqlTokenKind.Punctuation, _position + (pair ? 2 : 1));
    }

    private bool ReadOperator()
    {
        int i = _position;
        bool other = false;
        while (true)
        {
            byte c = At(i);
            CharacterClass characterClass = Characters.Of(c);
            if ((characterClass & CharacterClass.Operator) == 0)
                break;
            // A comment may begin anywhere in the run. (At its first character it was skipped before.)
            byte next = At(i + 1);
            if ((c == '/' && next == '*') || (c == '-' && next == '-'))
                break;
            other |= (characterClass & CharacterClass.NonSqlOperator) != 0;
            if (++i - _position > MaxOperatorRun)
                return Invalid();
        }

        // So that "=-1" is a comparison with a negative number: + and - end an operator of several characters only if one
        // of the characters before them is not an SQL operator's.
        if (!other)
        {
            while (i - _position > 1 && _text[i - 1] is (byte)'+' or (byte)'-')
                i--;
        }

        return i - _position > 63 ? Invalid() : Accept(SqlTokenKind.Operator, i);
    }
}
