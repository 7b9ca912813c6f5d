using Weir.Testing;

namespace Weir.Architecture.Tests;

/// <summary>The files of the repository, without what is built, fetched or made by running it.</summary>
internal static class SourceTree
{
    private static readonly HashSet<string> NotOurs =
        [".git", ".weir", ".perf", ".vs", ".idea", "bin", "obj", "artifacts", "node_modules", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>Absolute paths of all files.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(RepositoryRoot.Path)];

    /// <summary>C# that ships: everything under <c>src/</c> and <c>ui/</c> but generated migrations.</summary>
    public static IEnumerable<string> ShippedCode =>
        Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal) && (IsUnder(file, "src") || IsUnder(file, "ui")) && !IsGenerated(file));

    /// <summary>C# of the tests.</summary>
    public static IEnumerable<string> TestCode => Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal) && IsUnder(file, "tests"));

    public static IEnumerable<ProjectFile> Projects =>
        Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)).Select(ProjectFile.Read);

    public static bool IsUnder(string file, string directory) => Relative(file).StartsWith($"{directory}/", StringComparison.Ordinal);

    /// <summary>The path from the root on, for messages.</summary>
    public static string Relative(string file) => Path.GetRelativePath(RepositoryRoot.Path, file);

    private static bool IsGenerated(string file) => file.Contains("/Migrations/", StringComparison.Ordinal);

    private static IEnumerable<string> Walk(string directory)
    {
        var below = Directory.EnumerateDirectories(directory)
            .Where(path => !NotOurs.Contains(Path.GetFileName(path)) && new DirectoryInfo(path).LinkTarget is null);
        return Directory.EnumerateFiles(directory).Concat(below.SelectMany(Walk)).Order(StringComparer.Ordinal);
    }
}
