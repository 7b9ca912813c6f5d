using System.Text.RegularExpressions;

namespace Weir.Architecture.Tests;

public sealed partial class SourceFileTests
{
    private const int LongestFile = 400;

    // Over 400 lines is a design question; the answer stands here.
    private static readonly Dictionary<string, string> LongForAReason = [];

    [Fact]
    public void Namespace_is_the_folder()
    {
        var wrong =
            from file in SourceTree.ShippedCode.Concat(SourceTree.TestCode)
            let declared = NamespaceDeclaration().Match(File.ReadAllText(file))
            where declared.Success && declared.Groups[1].Value != ExpectedNamespace(file)
            select $"{SourceTree.Relative(file)}: {declared.Groups[1].Value}";
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void No_type_is_called_manager_helper_utils_common_or_base()
    {
        var wrong =
            from file in SourceTree.ShippedCode.Concat(SourceTree.TestCode)
            from line in SourceText.CodeLines(file)
            let declared = TypeDeclaration().Match(line.Text)
            where declared.Success && DrawerName().IsMatch(declared.Groups["name"].Value)
            select line.ToString();
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void A_file_declares_one_public_type_at_most()
    {
        var wrong =
            from file in SourceTree.ShippedCode
            let types = SourceText.CodeLines(file).Select(line => TopLevelPublicType().Match(line.Text)).Where(match => match.Success)
                .Select(match => match.Groups["name"].Value).Distinct().ToList()
            where types.Count > 1
            select $"{SourceTree.Relative(file)}: {string.Join(", ", types)}";
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void A_file_bears_the_name_of_its_public_type()
    {
        var wrong =
            from file in SourceTree.ShippedCode
            from line in SourceText.CodeLines(file)
            let declared = TopLevelPublicType().Match(line.Text)
            where declared.Success && declared.Groups["name"].Value != Path.GetFileName(file).Split('.')[0]
            select line.ToString();
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void A_long_file_has_a_reason()
    {
        var wrong =
            from file in SourceTree.ShippedCode
            let length = File.ReadLines(file).Count()
            where length > LongestFile && !LongForAReason.ContainsKey(SourceTree.Relative(file))
            select $"{SourceTree.Relative(file)}: {length} lines";
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void A_reason_for_a_long_file_goes_when_the_file_got_shorter() =>
        LongForAReason.Keys.Where(name => !SourceTree.Files.Any(file => SourceTree.Relative(file) == name && File.ReadLines(file).Count() > LongestFile))
            .ShouldBeEmpty();

    [Fact]
    public void Half_of_the_files_have_at_most_60_lines_and_all_but_a_twentieth_250()
    {
        var lengths = SourceTree.ShippedCode.Select(file => File.ReadLines(file).Count()).Order().ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{lengths.Count} files, median {lengths[lengths.Count / 2]} lines, 95th percentile {lengths[lengths.Count * 95 / 100]}, longest {lengths[^1]}");
        lengths[lengths.Count / 2].ShouldBeLessThanOrEqualTo(60);
        lengths[lengths.Count * 95 / 100].ShouldBeLessThanOrEqualTo(250);
    }

    [Fact]
    public void Time_comes_from_a_time_provider() => UsesIn(SourceTree.ShippedCode, SystemClock()).ShouldBeEmpty();

    [Fact]
    public void Nothing_blocks_on_a_task() => UsesIn(SourceTree.ShippedCode, BlockingWait()).ShouldBeEmpty();

    [Fact]
    public void Tests_do_not_sleep() => UsesIn(SourceTree.TestCode.Where(file => !SourceTree.IsUnder(file, "tests/Weir.Architecture.Tests")), Sleep()).ShouldBeEmpty();

    [Fact]
    public void There_are_no_regions() => UsesIn(SourceTree.ShippedCode.Concat(SourceTree.TestCode), Region()).ShouldBeEmpty();

    private static IEnumerable<string> UsesIn(IEnumerable<string> files, Regex pattern) =>
        files.SelectMany(SourceText.CodeLines).Where(line => pattern.IsMatch(line.Text)).Select(line => line.ToString());

    // A project's root namespace is the name of its directory, which holds the project file.
    private static string ExpectedNamespace(string file)
    {
        var parts = SourceTree.Relative(file).Split('/');
        return string.Join('.', parts[1..^1]);
    }

    [GeneratedRegex(@"^namespace\s+([\w.]+)\s*[;{]?\s*$", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex(@"^\s*((public|internal|private|protected|file|sealed|static|abstract|partial|readonly|ref|unsafe)\s+)*(class|record\s+struct|record|struct|interface|enum)\s+(?<name>[A-Za-z_]\w*)\s*([<({:;]|where\b|$)")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^public\s+((sealed|static|abstract|partial|readonly|ref|unsafe)\s+)*(class|record\s+struct|record|struct|interface|enum)\s+(?<name>[A-Za-z_]\w*)")]
    private static partial Regex TopLevelPublicType();

    [GeneratedRegex(@"(Manager|Helpers?|Utils?|Utility|Utilities|Common|Base)$")]
    private static partial Regex DrawerName();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?(Now|Today)\b")]
    private static partial Regex SystemClock();

    [GeneratedRegex(@"\.GetAwaiter\(\)\.GetResult\(\)|\bThread\.Sleep\(")]
    private static partial Regex BlockingWait();

    // A delay without end is a way to say "until cancelled".
    [GeneratedRegex(@"\bThread\.Sleep\(|\bTask\.Delay\((?!Timeout\.Infinite)")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"^\s*#region\b")]
    private static partial Regex Region();
}
