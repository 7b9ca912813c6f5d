namespace Weir.Testing;

/// <summary>The directory of the checkout that the running test was built from.</summary>
public static class RepositoryRoot
{
    private const string Marker = "ControlPlane.sln";

    /// <summary>Absolute, without a separator at its end.</summary>
    public static string Path { get; } = Find();

    /// <summary>The absolute path of something in the repository.</summary>
    /// <param name="relativePath">Relative to the root, with <c>/</c>.</param>
    public static string Combine(string relativePath) => System.IO.Path.Combine(Path, relativePath);

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(directory.FullName, Marker)))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"No directory above {AppContext.BaseDirectory} holds {Marker}.");
    }
}
