using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Weir.Testing;

namespace Weir.Architecture.Tests;

public sealed partial class RepositoryTests
{
    private static readonly HashSet<string> Binary = [".png", ".ico", ".woff", ".woff2", ".gz", ".tgz", ".pb"];

    private static IEnumerable<string> TextFiles => SourceTree.Files.Where(file => !Binary.Contains(Path.GetExtension(file)));

    // A lock file that names a host binds every build to it, and tells the world which one was used.
    [Fact]
    public void Lock_files_name_no_registry()
    {
        var locks = SourceTree.Files.Where(file => Path.GetFileName(file) is "packages.lock.json" or "package-lock.json").ToList();
        locks.ShouldNotBeEmpty();
        locks.SelectMany(SourceText.Lines).Where(line => RegistryHost().IsMatch(line.Text)).Select(line => line.ToString()).ShouldBeEmpty();
    }

    [Fact]
    public void No_file_mentions_a_path_of_somebodys_machine()
    {
        var mentions =
            from file in TextFiles.Where(file => !file.EndsWith(nameof(RepositoryTests) + ".cs", StringComparison.Ordinal))
            from line in SourceText.Lines(file)
            where MachinePath().IsMatch(line.Text)
            select line.ToString();
        mentions.ShouldBeEmpty();
    }

    [Fact]
    public void Every_package_version_stands_in_one_place()
    {
        var versioned =
            from file in SourceTree.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))
            from line in SourceText.Lines(file)
            where line.Text.Contains("<PackageReference", StringComparison.Ordinal) && line.Text.Contains("Version=", StringComparison.Ordinal)
            select line.ToString();
        versioned.ShouldBeEmpty();
    }

    [Fact]
    public void Every_project_has_a_lock_file() =>
        SourceTree.Projects.Where(project => !File.Exists(Path.Combine(Path.GetDirectoryName(project.Path)!, "packages.lock.json")))
            .Select(project => project.Name).ShouldBeEmpty();

    [Fact]
    public void No_tracked_file_is_larger_than_a_megabyte() =>
        SourceTree.Files.Where(file => new FileInfo(file).Length > 1 << 20).Select(SourceTree.Relative).ShouldBeEmpty();

    [Fact, SupportedOSPlatform("linux")]
    public void Scripts_are_executable() =>
        TextFiles.Where(file => File.ReadLines(file).FirstOrDefault()?.StartsWith("#!", StringComparison.Ordinal) == true)
            .Where(file => !File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute))
            .Select(SourceTree.Relative).ShouldBeEmpty();

    [GeneratedRegex(@"""resolved""\s*:\s*""https?://|registry\.npmjs|api\.nuget\.org|/npm/|pypi\.")]
    private static partial Regex RegistryHost();

    [GeneratedRegex(@"(?<![\w.$}/])/(work|root|home/\w+|Users/\w+)/")]
    private static partial Regex MachinePath();
}
