namespace Weir.Sql.Parsing;

/// <summary>The text was not judged to be valid or invalid; treat it as unknown, which is never allowed.</summary>
public sealed record ParseRefused(ParseRefusal Reason) : ParseOutcome;
