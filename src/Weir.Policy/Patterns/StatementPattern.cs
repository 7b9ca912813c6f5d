using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Weir.Policy.Patterns;

/// <summary>
/// A regular expression over a statement's text. It runs on the non-backtracking engine (time linear in the text), interpreted, so that it works
/// where no code can be generated, and under a deadline all the same.
/// </summary>
public sealed class StatementPattern
{
    public const int MaxLength = 2_000;

    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(500);

    private readonly Regex _regex;

    private StatementPattern(Regex regex) => _regex = regex;

    /// <param name="onDeadline">The answer when the deadline passes: the caller's closed side.</param>
    public bool Matches(ReadOnlySpan<char> text, bool onDeadline)
    {
        try
        {
            return _regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return onDeadline;
        }
    }

    public static bool TryParse(string expression, [NotNullWhen(true)] out StatementPattern? pattern, [NotNullWhen(false)] out string? fault)
    {
        pattern = null;
        if (expression.Length is 0 or > MaxLength)
        {
            fault = $"a regular expression has 1 to {MaxLength} characters";
            return false;
        }

        try
        {
            pattern = new StatementPattern(new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Deadline));
            fault = null;
            return true;
        }
        catch (RegexParseException e)
        {
            fault = $"not a regular expression: {e.Error} at offset {e.Offset}";
            return false;
        }
        catch (NotSupportedException)
        {
            fault = "look-arounds, back-references, atomic groups and patterns that grow too large can't be used here";
            return false;
        }
    }
}
