using Weir.Policy.Analysis;
using Weir.Sql.Lexing;

namespace Weir.Sql.Analysis.Statements;

/// <summary>
/// Finds the statement inside a PREPARE: the server keeps that text, not its meaning, so that whoever runs it later must judge it again
/// (manual, PREPARE: <c>PREPARE name [ ( type, … ) ] AS statement</c>).
/// </summary>
internal static class PreparedText
{
    /// <summary>The same analysis, whose inner statement knows its offset and length; unchanged when it is no PREPARE.</summary>
    public static StatementAnalysis Locate(StatementAnalysis statement, ReadOnlySpan<byte> text)
    {
        if (statement is not { Command: "PREPARE", Inner: { } inner })
            return statement;
        int end = statement.Length > 0 ? statement.Start + statement.Length : text.Length;
        int start = StartOf(text[statement.Start..end]);
        return start < 0 ? statement : statement with { Inner = inner with { Start = statement.Start + start, Length = end - statement.Start - start } };
    }

    private static int StartOf(ReadOnlySpan<byte> prepare)
    {
        var lexer = new SqlLexer(prepare);
        int depth = 0;
        for (int index = 0; lexer.Read(); index++)
        {
            if (lexer.Kind == SqlTokenKind.Punctuation)
                depth += lexer.Token[0] == '(' ? 1 : lexer.Token[0] == ')' ? -1 : 0;
            // The name may be "as" in quotes only: the word is reserved.
            else if (index > 1 && depth == 0 && lexer.Kind == SqlTokenKind.Identifier && System.Text.Ascii.EqualsIgnoreCase(lexer.Token, "as"u8))
                return lexer.Start + lexer.Length;
        }

        return -1;
    }
}
