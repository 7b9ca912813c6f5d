namespace Weir.Testing;

/// <summary>Test material that lies beside the repository, not in it, and that a checkout alone therefore lacks.</summary>
public static class SharedCorpus
{
    private const string DirectoryName = "shared";

    /// <summary>Whether a file or directory of the material is there.</summary>
    public static bool Has(string relativePath) => Locate(relativePath) is not null;

    /// <summary>The absolute path of a file or directory of the material; null where it is missing: the test then skips itself, saying so.</summary>
    /// <param name="relativePath">Relative to the material's directory, e.g. <c>corpus/evasion.jsonl</c>.</param>
    public static string? Locate(string relativePath)
    {
        for (var directory = new DirectoryInfo(RepositoryRoot.Path).Parent; directory is not null; directory = directory.Parent)
        {
            var path = Path.Combine(directory.FullName, DirectoryName, relativePath);
            if (File.Exists(path) || Directory.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
