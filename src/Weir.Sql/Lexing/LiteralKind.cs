namespace Weir.Sql.Lexing;

/// <summary>What a constant is to PostgreSQL before it knows where it stands. The type of a number follows from its size.</summary>
public enum LiteralKind : byte
{
    /// <summary>'…', E'…', U&amp;'…' with its UESCAPE clause, $$…$$: text of a type yet unknown.</summary>
    String = 1,

    /// <summary>N'…'</summary>
    NationalString,

    /// <summary>B'…'</summary>
    BitString,

    /// <summary>X'…'</summary>
    HexString,

    /// <summary>Fits into 32 bits: integer.</summary>
    Integer,

    /// <summary>Whole number that fits into 64 bits: bigint.</summary>
    BigInteger,

    /// <summary>Any other number: numeric.</summary>
    Numeric,
}
