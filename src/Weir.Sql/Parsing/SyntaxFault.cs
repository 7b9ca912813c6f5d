namespace Weir.Sql.Parsing;

/// <summary>The error PostgreSQL itself reports for this text before it looks at any table.</summary>
/// <param name="Message">PostgreSQL's primary message, such as <c>syntax error at or near "form"</c>.</param>
/// <param name="SqlState">Five characters; mostly 42601.</param>
/// <param name="CursorPosition">As in ErrorResponse's field P: 1-based, counted in characters (code points); 0 = none.</param>
public sealed record SyntaxFault(string Message, string SqlState, int CursorPosition) : ParseOutcome;
