namespace Weir.Sql.Parsing;

/// <summary>
/// The parser's error record carries no SQLSTATE, so it is told from the message and from the C function that raised it.
/// Whatever is not listed is a syntax error, as nearly all of the grammar's errors are. From scan.l, gram.y and
/// parser.c of PostgreSQL 18 and the manual's appendix "PostgreSQL Error Codes"; a test compares them with a server.
/// </summary>
internal static class SqlStates
{
    public const string SyntaxError = "42601";

    private const string CharacterNotInRepertoire = "22021";
    private const string InvalidParameterValue = "22023";
    private const string InvalidEscapeSequence = "22025";
    private const string NonstandardUseOfEscapeCharacter = "22P06";
    private const string DuplicateObject = "42710";
    private const string FeatureNotSupported = "0A000";
    private const string ReservedName = "42939";
    private const string WindowingError = "42P20";

    private static readonly (string Text, string SqlState)[] Prefixes =
    [
        ("invalid byte sequence for encoding", CharacterNotInRepertoire),
        ("unsafe use of \\' in a string literal", NonstandardUseOfEscapeCharacter),
        ("frame start cannot be", WindowingError),
        ("frame end cannot be", WindowingError),
        ("frame starting from", WindowingError),
        ("precision for type float must be", InvalidParameterValue),
        ("column number must be in range", InvalidParameterValue),
        ("unrecognized partitioning strategy", InvalidParameterValue),
        ("unrecognized JSON encoding", InvalidParameterValue),
        ("modulus for hash partition provided more than once", DuplicateObject),
        ("remainder for hash partition provided more than once", DuplicateObject),
        ("MATCH PARTIAL not yet implemented", FeatureNotSupported),
        ("CREATE SCHEMA IF NOT EXISTS cannot include", FeatureNotSupported),
        ("CREATE OR REPLACE CONSTRAINT TRIGGER is not supported", FeatureNotSupported),
        ("WITH CHECK OPTION not supported", FeatureNotSupported),
        ("a column list with", FeatureNotSupported),
        ("aggregates cannot have output arguments", FeatureNotSupported),
        ("an ordered-set aggregate with a VARIADIC", FeatureNotSupported),
        ("current database cannot be changed", FeatureNotSupported),
    ];

    private static readonly (string Text, string SqlState)[] Suffixes =
    [
        ("cannot be used as a role name here", ReservedName),
        ("\" is reserved", ReservedName),
        ("constraints cannot be marked DEFERRABLE", FeatureNotSupported),
        ("constraints cannot be marked ENFORCED", FeatureNotSupported),
        ("constraints cannot be marked NOT ENFORCED", FeatureNotSupported),
        ("constraints cannot be marked NO INHERIT", FeatureNotSupported),
        ("constraints cannot be marked NOT VALID", FeatureNotSupported),
        ("is not yet implemented", FeatureNotSupported),
        ("is no longer supported", FeatureNotSupported),
        ("is no longer required", FeatureNotSupported),
    ];

    public static string Of(string message, ReadOnlySpan<byte> function)
    {
        // The same words for \u in E'' (lexer) and \ in U&'' (parser.c), with different codes.
        if (message == "invalid Unicode escape")
            return function.SequenceEqual("core_yylex"u8) ? InvalidEscapeSequence : SyntaxError;
        // These quote the text, which might end in the words looked for below.
        if (function.SequenceEqual("scanner_yyerror"u8))
            return SyntaxError;

        foreach ((string text, string sqlState) in Prefixes)
        {
            if (message.StartsWith(text, StringComparison.Ordinal))
                return sqlState;
        }

        foreach ((string text, string sqlState) in Suffixes)
        {
            if (message.EndsWith(text, StringComparison.Ordinal))
                return sqlState;
        }

        return SyntaxError;
    }
}
