namespace Weir.Sql.Lexing;

/// <summary>What a token is, in the terms of PostgreSQL's scan.l (manual section "Lexical Structure").</summary>
public enum SqlTokenKind : byte
{
    /// <summary>The text is over.</summary>
    End,

    /// <summary>
    /// Not a token: an unterminated quotation or comment, a number with a letter behind it, a character that SQL does not
    /// use, or something so long that it is not looked at. The lexer does not go on.
    /// </summary>
    Invalid,

    /// <summary>Name or keyword without quotes.</summary>
    Identifier,

    /// <summary><c>"name"</c></summary>
    QuotedIdentifier,

    /// <summary><c>U&amp;"name"</c>, without a UESCAPE clause, which is a token of its own.</summary>
    UnicodeIdentifier,

    /// <summary><c>'text'</c>, with all its continuations on further lines.</summary>
    String,

    /// <summary><c>E'text'</c></summary>
    EscapeString,

    /// <summary><c>U&amp;'text'</c>, without a UESCAPE clause.</summary>
    UnicodeString,

    /// <summary><c>N'text'</c>; PostgreSQL makes two tokens of it, the keyword NCHAR and a string.</summary>
    NationalString,

    /// <summary><c>B'0101'</c></summary>
    BitString,

    /// <summary><c>X'1F'</c></summary>
    HexString,

    /// <summary><c>$tag$text$tag$</c></summary>
    DollarString,

    /// <summary>Whole number within 32 bits (PostgreSQL's ICONST).</summary>
    Integer,

    /// <summary>Any other number (PostgreSQL's FCONST).</summary>
    Numeric,

    /// <summary><c>$1</c></summary>
    Parameter,

    /// <summary>Operator of one or more of the characters <c>~!@#^&amp;|`?+-*/%&lt;&gt;=</c>.</summary>
    Operator,

    /// <summary><c>, ( ) [ ] . ; : :: := ..</c></summary>
    Punctuation,
}
