namespace Weir.Sql.Lexing;

/// <summary>The sets of bytes that scan.l is made of. Bytes above 127 are letters, whatever character they belong to.</summary>
[Flags]
internal enum CharacterClass : byte
{
    None = 0,
    Space = 1,
    IdentifierStart = 2,
    IdentifierPart = 4,
    Digit = 8,
    Operator = 16,

    /// <summary>Operator characters that standard SQL has no operators of; one of them lets an operator end in + or -.</summary>
    NonSqlOperator = 32,
    Punctuation = 64,
}
