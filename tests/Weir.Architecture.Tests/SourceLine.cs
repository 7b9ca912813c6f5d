namespace Weir.Architecture.Tests;

/// <summary>A line of a file; in messages it is shown with its place.</summary>
internal sealed record SourceLine(string File, int Number, string Text)
{
    public override string ToString() => $"{SourceTree.Relative(File)}:{Number}: {Text.Trim()}";
}
