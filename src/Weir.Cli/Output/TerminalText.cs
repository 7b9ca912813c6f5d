namespace Weir.Cli.Output;

/// <summary>
/// A statement, a comment or a name is a stranger's text. Nothing in it may move the cursor, change colours or turn the order of reading round before the
/// eyes of the person who has to judge it.
/// </summary>
internal static class TerminalText
{
    /// <summary>Keeps line breaks and tabs.</summary>
    public static string Clean(string text) => Replace(text, static c => c is '\n' or '\t' ? c : '\uFFFD');

    /// <summary>On one line; a line break shows as an arrow.</summary>
    public static string OneLine(string text) => Replace(text, static c => c switch
    {
        '\n' => '↵',
        '\r' or '\t' => ' ',
        _ => '\uFFFD',
    });

    private static string Replace(string text, Func<char, char> substitute) =>
        text.Any(IsDangerous) ? new([.. text.Select(c => IsDangerous(c) ? substitute(c) : c)]) : text;

    // Control characters, and those that change the direction of writing (Unicode Technical Report 36).
    private static bool IsDangerous(char c) => char.IsControl(c) || c is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' or '\u200E' or '\u200F' or '\u061C';
}
