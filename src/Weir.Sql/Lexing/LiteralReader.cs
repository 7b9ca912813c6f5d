namespace Weir.Sql.Lexing;

/// <summary>
/// Tokens with the UESCAPE clause taken in: PostgreSQL puts <c>U&amp;'…' UESCAPE '!'</c> together before its grammar sees it.
/// </summary>
internal ref struct LiteralReader(ReadOnlySpan<byte> utf8Sql)
{
    private SqlLexer _lexer = new(utf8Sql);
    private readonly ReadOnlySpan<byte> _text = utf8Sql;

    public readonly SqlTokenKind Kind => _kind;

    public readonly int Start => _start;

    public readonly int Length => _end - _start;

    public readonly ReadOnlySpan<byte> Token => _text[_start.._end];

    /// <summary>See <see cref="SqlLexer.HasCheckedEscapes"/>; true for names with unicode escapes as well.</summary>
    public bool HasCheckedEscapes { get; private set; }

    private SqlTokenKind _kind;
    private int _start;
    private int _end;
    private bool _pending;

    public bool Read()
    {
        if (_pending)
            _pending = false;
        else
            _lexer.Read();
        Take();
        if (_kind is not (SqlTokenKind.UnicodeString or SqlTokenKind.UnicodeIdentifier))
            return _kind > SqlTokenKind.Invalid;

        HasCheckedEscapes = true;
        if (!_lexer.Read() || !IsUescape())
        {
            _pending = true;
            return true;
        }

        if (!_lexer.Read() || _lexer.Kind is not (SqlTokenKind.String or SqlTokenKind.EscapeString or SqlTokenKind.DollarString))
            _kind = SqlTokenKind.Invalid;
        _end = _lexer.Start + _lexer.Length;
        return _kind > SqlTokenKind.Invalid;
    }

    /// <summary>The literal that the current token is, or null.</summary>
    public readonly LiteralKind? Literal => _kind switch
    {
        SqlTokenKind.String or SqlTokenKind.EscapeString or SqlTokenKind.UnicodeString or SqlTokenKind.DollarString => LiteralKind.String,
        SqlTokenKind.NationalString => LiteralKind.NationalString,
        SqlTokenKind.BitString => LiteralKind.BitString,
        SqlTokenKind.HexString => LiteralKind.HexString,
        SqlTokenKind.Integer => LiteralKind.Integer,
        SqlTokenKind.Numeric => NumberText.FitsIn(Token, long.MaxValue) ? LiteralKind.BigInteger : LiteralKind.Numeric,
        _ => null,
    };

    private void Take()
    {
        _kind = _lexer.Kind;
        _start = _lexer.Start;
        _end = _start + _lexer.Length;
        HasCheckedEscapes = _kind is >= SqlTokenKind.String and <= SqlTokenKind.DollarString && _lexer.HasCheckedEscapes;
    }

    private readonly bool IsUescape()
    {
        ReadOnlySpan<byte> keyword = "uescape"u8;
        ReadOnlySpan<byte> token = _lexer.Token;
        if (_lexer.Kind != SqlTokenKind.Identifier || token.Length != keyword.Length)
            return false;
        for (int i = 0; i < keyword.Length; i++)
        {
            if (Characters.ToLower(token[i]) != keyword[i])
                return false;
        }

        return true;
    }
}
