using System.Buffers;

namespace Weir.Sql.Lexing;

/// <summary>Replaces constants in a text by fixed ones of the same kind: what is left has the same shape and still parses.</summary>
public static class LiteralRedactor
{
    /// <summary>
    /// Every literal of the text. False when the text has a lexical error or more literals than the list takes: then
    /// nothing can be said about where its values are, and none of it must be shown.
    /// </summary>
    public static bool TryFind(ReadOnlySpan<byte> sql, ref LiteralList literals)
    {
        literals.Clear();
        var reader = new LiteralReader(sql);
        while (reader.Read())
        {
            if (reader.Literal is { } kind && !literals.TryAdd(new SqlLiteral(reader.Start, reader.Length, kind)))
                return false;
        }

        return reader.Kind == SqlTokenKind.End;
    }

    /// <param name="literals">All or some of the text's literals, in its order. Comments are kept.</param>
    public static void Write(ReadOnlySpan<byte> sql, ReadOnlySpan<SqlLiteral> literals, IBufferWriter<byte> output)
    {
        int written = 0;
        foreach (SqlLiteral literal in literals)
        {
            output.Write(sql[written..literal.Start]);
            // ".5" may stand directly behind a name, where a digit would become part of it.
            output.Write(sql[literal.Start] == '.' ? ".0"u8 : Replacement(literal.Kind));
            written = literal.Start + literal.Length;
        }

        output.Write(sql[written..]);
    }

    /// <summary>What stands for a value that is not shown.</summary>
    public static ReadOnlySpan<byte> Replacement(LiteralKind kind) => kind switch
    {
        LiteralKind.NationalString => "N'***'"u8,
        LiteralKind.BitString => "B'0'"u8,
        LiteralKind.HexString => "X'0'"u8,
        LiteralKind.Integer => "0"u8,
        LiteralKind.BigInteger => "9000000000"u8,
        LiteralKind.Numeric => "0.0"u8,
        _ => "'***'"u8,
    };
}
