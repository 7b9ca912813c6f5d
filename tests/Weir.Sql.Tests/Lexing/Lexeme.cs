namespace Weir.Sql.Tests.Lexing;

internal readonly record struct Lexeme(int Start, int End, Family Family)
{
    public override string ToString() => $"{Family}[{Start}..{End}]";
}

internal enum Family
{
    Name,
    QuotedName,
    String,
    BitString,
    HexString,
    Integer,
    Numeric,
    Parameter,
    Symbol,
}
