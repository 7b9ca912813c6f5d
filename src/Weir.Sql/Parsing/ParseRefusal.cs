namespace Weir.Sql.Parsing;

/// <summary>Why a text was not parsed to the end. None of them says anything about the text being valid SQL.</summary>
public enum ParseRefusal
{
    /// <summary>More bytes than <see cref="ParserLimits.MaxTextBytes"/>.</summary>
    TooLong = 1,

    /// <summary>Nested beyond the stack, the tree's depth or the comment limit.</summary>
    TooDeep,

    /// <summary>Not done within <see cref="ParserLimits.Deadline"/> or <see cref="ParserLimits.WallDeadline"/>, or no parser free within <see cref="ParserLimits.MaxWait"/>.</summary>
    TooSlow,

    /// <summary>Needs more memory, or gives a larger tree, than allowed.</summary>
    TooLarge,

    /// <summary>Holds a zero byte, which PostgreSQL's text can't.</summary>
    ContainsNul,

    /// <summary>Is not well-formed UTF-8.</summary>
    InvalidUtf8,

    /// <summary>Parses, but our lexer can't confirm that a server would read it in the same way.</summary>
    Ambiguous,

    /// <summary>The parser failed inside its sandbox (an assertion of its own, an unreadable answer).</summary>
    Crashed,
}
