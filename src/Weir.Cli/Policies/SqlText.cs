namespace Weir.Cli.Policies;

/// <summary>One statement of a script, as psql would send it.</summary>
/// <param name="Line">Of its first word, from 1.</param>
internal sealed record SqlText(int Line, string Text);
