namespace Weir.Architecture.Tests;

/// <summary>Reads files as lines.</summary>
internal static class SourceText
{
    public static IEnumerable<SourceLine> Lines(string file) => File.ReadLines(file).Select((text, index) => new SourceLine(file, index + 1, text));

    /// <summary>The lines that are not comments as a whole.</summary>
    public static IEnumerable<SourceLine> CodeLines(string file) =>
        Lines(file).Where(line => !line.Text.AsSpan().TrimStart().StartsWith("//", StringComparison.Ordinal));
}
