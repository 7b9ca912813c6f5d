using System.Text.RegularExpressions;
using Weir.Testing;

namespace Weir.WebConsole.Tests;

/// <summary>What a strict content security policy and a machine without internet would break.</summary>
public sealed partial class MarkupTests
{
    private static IEnumerable<string> FilesOf(string pattern) =>
        Directory.EnumerateFiles(RepositoryRoot.Combine("ui/Weir.WebConsole"), pattern, SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    [Fact]
    public void No_page_has_inline_styles_scripts_or_handlers() =>
        FilesOf("*.razor").Where(f => Inline().IsMatch(File.ReadAllText(f))).ShouldBeEmpty();

    [Fact]
    public void No_page_writes_markup_that_was_not_written_here() =>
        FilesOf("*.razor*").Where(f => File.ReadAllText(f).Contains("MarkupString", StringComparison.Ordinal)).ShouldBeEmpty();

    [Fact]
    public void Nothing_is_fetched_from_elsewhere() =>
        FilesOf("*.razor").Concat(FilesOf("*.css")).Concat(FilesOf("*.js")).Where(f => Elsewhere().IsMatch(File.ReadAllText(f))).ShouldBeEmpty();

    [GeneratedRegex("""\sstyle\s*=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*["'](?!@)|javascript:""")]
    private static partial Regex Inline();

    [GeneratedRegex("""(?:src|href)\s*=\s*["'](?:https?:)?//|url\(|@import|fetch\(|XMLHttpRequest""")]
    private static partial Regex Elsewhere();
}
