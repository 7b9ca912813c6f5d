using System.Text;
using Weir.Sql.Lexing;

namespace Weir.Sql.Parsing;

/// <summary>
/// A second opinion on the text, because the parser's lexer is not quite PostgreSQL's. libpg_query makes tokens of
/// comments, with three effects: <c>'a' -- c ⏎ 'b'</c> is two strings instead of one (so <c>DO</c> would seem to have two
/// bodies), <c>NOT /* c */ BETWEEN</c> and its like are syntax errors, and unterminated comments take quadratic time. It
/// also lets letters follow a parameter (<c>$1from</c>), which PostgreSQL has refused since version 15.
/// </summary>
/// <remarks>
/// So comments are overwritten by spaces (offsets stay), and a text that our lexer does not take to its end is not
/// accepted, whatever the parser says.
/// </remarks>
internal readonly struct LexicalCheck
{
    private readonly SqlTokenKind _end;
    private readonly int _invalidAt;

    private LexicalCheck(in SqlLexer lexer, bool commentsTooDeep)
    {
        _end = lexer.Kind;
        _invalidAt = lexer.Start;
        CommentsTooDeep = commentsTooDeep;
    }

    public bool CommentsTooDeep { get; }

    public bool IsUnderstood => _end == SqlTokenKind.End;

    public static bool MayHaveComments(ReadOnlySpan<byte> sql) => sql.IndexOf("--"u8) >= 0 || sql.IndexOf("/*"u8) >= 0;

    /// <summary>For a text without comments.</summary>
    public static LexicalCheck Of(ReadOnlySpan<byte> sql)
    {
        var lexer = new SqlLexer(sql);
        while (lexer.Read())
        {
        }

        return new LexicalCheck(in lexer, commentsTooDeep: false);
    }

    /// <param name="sql">The text.</param>
    /// <param name="blanked">A copy of it, to be changed.</param>
    /// <param name="maxNesting">How deep block comments may nest.</param>
    /// <param name="bodies">Do the same inside dollar-quoted strings, which hold PL/pgSQL.</param>
    public static LexicalCheck BlankComments(ReadOnlySpan<byte> sql, Span<byte> blanked, int maxNesting, bool bodies)
    {
        var lexer = new SqlLexer(sql, blanked);
        int endOfString = -1;
        while (lexer.Read() && lexer.CommentDepth <= maxNesting)
        {
            // Two strings that only a block comment keeps apart must not become one: take the line ends away too.
            if (endOfString >= 0 && lexer.Kind == SqlTokenKind.String)
                blanked[endOfString..lexer.Start].Fill((byte)' ');
            bool continuable = lexer.Kind is >= SqlTokenKind.String and < SqlTokenKind.DollarString;
            endOfString = continuable ? lexer.Start + lexer.Length : -1;

            if (bodies && lexer.Kind == SqlTokenKind.DollarString)
            {
                int delimiter = lexer.Token[1..].IndexOf((byte)'$') + 2;
                Range body = (lexer.Start + delimiter)..(lexer.Start + lexer.Length - delimiter);
                if (BlankComments(sql[body], blanked[body], maxNesting, bodies: false).CommentsTooDeep)
                    return new LexicalCheck(in lexer, commentsTooDeep: true);
            }
        }

        return new LexicalCheck(in lexer, lexer.CommentDepth > maxNesting);
    }

    /// <summary>What to make of the parser's outcome for a text that our lexer did not take to its end.</summary>
    public ParseOutcome Judge(ParseOutcome outcome, ReadOnlySpan<byte> sql)
    {
        SyntaxFault? junk = TrailingJunk(sql);
        switch (outcome)
        {
            case SyntaxFault fault:
                return junk is not null && (fault.CursorPosition == 0 || junk.CursorPosition <= fault.CursorPosition) ? junk : fault;
            case ParseRefused:
                return outcome;
            default:
                outcome.Dispose();
                return junk is not null ? junk : new ParseRefused(ParseRefusal.Ambiguous);
        }
    }

    /// <summary>PostgreSQL's error for letters behind a parameter, if that is what stopped the lexer.</summary>
    private SyntaxFault? TrailingJunk(ReadOnlySpan<byte> sql)
    {
        ReadOnlySpan<byte> rest = sql[_invalidAt..];
        int i = 1;
        while (i < rest.Length && Characters.Is(rest[i], CharacterClass.Digit))
            i++;
        if (rest is not [(byte)'$', ..] || i is 1 or > 10 || i == rest.Length || !Characters.Is(rest[i], CharacterClass.IdentifierStart))
            return null;
        while (i < rest.Length && Characters.Is(rest[i], CharacterClass.IdentifierPart))
            i++;
        return new SyntaxFault(
            $"trailing junk after parameter at or near \"{Encoding.UTF8.GetString(rest[..i])}\"",
            SqlStates.SyntaxError,
            CharacterPosition.At(sql, _invalidAt));
    }
}
