using System.Text;
using System.Text.Json;
using CsCheck;
using Weir.Sql.Lexing;
using Weir.Sql.Parsing;
using Weir.Sql.Tests.Parsing;

namespace Weir.Sql.Tests.Lexing;

/// <summary>Our lexer against PostgreSQL's own: where ours gives tokens, they must be PostgreSQL's tokens.</summary>
public sealed class LexerDifferenceTests(ParserFixture fixture) : IClassFixture<ParserFixture>
{
    /// <summary>Pieces between which the rules of scan.l change their mind.</summary>
    private static readonly string[] Pieces =
    [
        " ", "\n", "\t", "\r\n", "\v", "\f", "--", "-- c\n", "--'\n", "/*", "*/", "/* c */", "/*/**/*/", "/", "*", "-", "+", "=", "<", ">", "!", "@", "~", "#",
        "%", "^", "&", "|", "`", "?", "<>", "!=", "=>", ">=", "<=", "->", "->>", "@-", "=-", "--+", ":", "::", ":=", ".", "..", ",", ";", "(", ")", "[", "]",
        "'", "''", "'a'", "'a''b'", "\\", "\\'", "\\\\", "'\n'", "' -- x\n '", "' \t '", "e'", "E'a'", "E'\\n\\'x'", "e'\\u0061'", "E'\\x41\\101'", "E'\\U0001F600'",
        "b'", "B'01'", "x'", "X'1f'", "n'", "N'a'", "u&'", "U&'\\0061'", "u&\"", "U&\"a\"", "u&", "uescape", "uescape '!'", "\"", "\"a\"", "\"A b\"\"c\"", "\"\"",
        "$", "$$", "$a$", "$a$b$a$", "$1", "$12", "$1a", "$a", "a$", "a$1", "$_$", "$é$",
        "0", "1", "42", "1.", ".5", "1.5", "1..2", "1e5", "1e", "1e+", "1.5e-3", "1_000", "1_", "1__0", "_1", "0x1F", "0X_1f", "0x", "0xg", "0o17", "0o8", "0b101", "0b12",
        "2147483647", "2147483648", "9223372036854775808", "0x7fffffff", "0x80000000", "1a", "0_1", "1.e3", "1._5", "1_000.5_0",
        "a", "A", "select", "SELECT", "from", "é", "É", "名", "e", "b", "x", "n", "u", "nchar", "e'a'\n'b\\'c'", "b'1''0'",
    ];

    [Fact]
    public void Generated_texts_give_PostgreSQLs_tokens()
    {
        int understood = 0;

        Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[1, 10].Select(string.Concat).Sample(
            text =>
            {
                if (Compare(text))
                    Interlocked.Increment(ref understood);
            },
            iter: 60_000);

        understood.ShouldBeGreaterThan(6_000);
    }

    [Fact]
    public void Corpus_statements_give_PostgreSQLs_tokens()
    {
        int compared = 0;
        foreach (string sql in Corpus.Statements().Where(s => s.Length < 32_000))
        {
            Compare(sql);
            compared++;
        }

        if (Corpus.IsPresent)
            compared.ShouldBeGreaterThan(500);
    }

    /// <summary>Whether the whole text is made of tokens.</summary>
    private bool Compare(string text)
    {
        byte[] sql = Encoding.UTF8.GetBytes(text.Replace('\0', ' '));
        string shown = text.Length > 300 ? text[..300] : text;
        byte[] blanked = [.. sql];
        LexicalCheck.BlankComments(sql, blanked, int.MaxValue, bodies: false);
        List<Lexeme> ours = Ours(sql, out SqlTokenKind end, out int stoppedAt, out bool checkedEscapes);

        Compare(blanked);
        // libpg_query can't see that a string goes on behind a line comment, so such texts are compared without comments only.
        if (!ours.Exists(t => HasComment(t.Start..t.End)) && !HasComment(stoppedAt..))
            Compare(sql);
        return end == SqlTokenKind.End;

        bool HasComment(Range range) => !blanked.AsSpan(range).SequenceEqual(sql.AsSpan(range));

        void Compare(byte[] scanned)
        {
            List<Lexeme> theirs = Theirs(scanned, out bool clean);
            if (end == SqlTokenKind.Invalid)
                clean.ShouldBeFalse($"PostgreSQL takes all of: {shown}");
            else if (clean || !checkedEscapes)
                ours.SequenceEqual(theirs).ShouldBeTrue($"in: {shown}\nours: {string.Join(' ', ours.Take(50))}\ntheirs: {string.Join(' ', theirs.Take(50))}");
        }
    }

    private static List<Lexeme> Ours(byte[] sql, out SqlTokenKind end, out int stoppedAt, out bool checkedEscapes)
    {
        var lexer = new SqlLexer(sql);
        var tokens = new List<Lexeme>();
        checkedEscapes = false;
        while (lexer.Read())
        {
            checkedEscapes |= lexer.Kind is >= SqlTokenKind.String and <= SqlTokenKind.DollarString && lexer.HasCheckedEscapes;
            tokens.Add(new Lexeme(lexer.Start, lexer.Start + lexer.Length, FamilyOf(lexer.Kind)));
        }

        end = lexer.Kind;
        stoppedAt = lexer.Start;
        return tokens;
    }

    /// <param name="clean">No error, and no character among the tokens that the grammar has no use for.</param>
    private List<Lexeme> Theirs(byte[] sql, out bool clean)
    {
        var tokens = new List<Lexeme>();
        using JsonDocument? document = fixture.Parser.Scan(sql);
        clean = document is not null;
        if (document is null)
            return tokens;

        foreach (JsonElement token in document.RootElement.GetProperty("tokens").EnumerateArray())
        {
            int start = token.GetProperty("start").GetInt32();
            int end = token.GetProperty("end").GetInt32();
            int type = token.GetProperty("tokenType").GetInt32();
            if (type is 275 or 276)
                continue; // comments
            Family family = FamilyOf(type, sql[start], ref clean);
            // N'a' is two tokens there and one here.
            if (family == Family.String && tokens is [.., { } last] && last.End == start && last.Family == Family.Name && last.End - last.Start == 1
                && sql[last.Start] is (byte)'n' or (byte)'N')
            {
                start = last.Start;
                tokens.RemoveAt(tokens.Count - 1);
            }

            // PostgreSQL has refused letters directly behind a parameter since version 15; libpg_query lets them pass.
            if (tokens is [.., { Family: Family.Parameter } parameter] && parameter.End == start && Characters.Is(sql[start], CharacterClass.IdentifierStart))
                clean = false;
            tokens.Add(new Lexeme(start, end, family));
        }

        return tokens;
    }

    private static Family FamilyOf(int type, byte first, ref bool clean)
    {
        switch (type)
        {
            case 258 or 259: return first == '"' || type == 259 ? Family.QuotedName : Family.Name;
            case 260: return Family.Numeric;
            case 261 or 262: return Family.String;
            case 263: return Family.BitString;
            case 264: return Family.HexString;
            case 266: return Family.Integer;
            case 267: return Family.Parameter;
            case > 276: return Family.Name;
            case < 256 when !",()[].;:+-*/%^<>=|".Contains((char)type):
                clean = false;
                return Family.Symbol;
            default: return Family.Symbol;
        }
    }

    private static Family FamilyOf(SqlTokenKind kind) => kind switch
    {
        SqlTokenKind.Identifier => Family.Name,
        SqlTokenKind.QuotedIdentifier or SqlTokenKind.UnicodeIdentifier => Family.QuotedName,
        SqlTokenKind.BitString => Family.BitString,
        SqlTokenKind.HexString => Family.HexString,
        SqlTokenKind.Integer => Family.Integer,
        SqlTokenKind.Numeric => Family.Numeric,
        SqlTokenKind.Parameter => Family.Parameter,
        SqlTokenKind.Operator or SqlTokenKind.Punctuation => Family.Symbol,
        _ => Family.String,
    };
}
