namespace Weir.Sql.Lexing;

/// <summary>A constant in a text: offset and length in bytes, prefix, quotes and continuations included.</summary>
public readonly record struct SqlLiteral(int Start, int Length, LiteralKind Kind);
