using Weir.Testing.Processes;

namespace Weir.Testing.Postgres;

/// <summary>libpq of another version than the installed psql's, for LD_LIBRARY_PATH.</summary>
public static class LibpqDirectory
{
    // The package's other libraries (ICU, libxml2 …) are older than what the rest of psql needs.
    private static readonly string[] Libraries = ["libpq.so.5", "libssl.so.1.1", "libcrypto.so.1.1"];

    /// <summary>A directory with libpq of a major version, 14 to 18, and its TLS libraries alone. Whoever asks removes it.</summary>
    public static async Task<string> CreateAsync(int major, CancellationToken cancellationToken = default)
    {
        var script = RepositoryRoot.Combine("deploy/lib/postgres-binaries");
        var fetched = await ProcessRunner.RunAsync(script, ["--fetched", $"{major}"], deadline: TimeSpan.FromMinutes(3), cancellationToken: cancellationToken);
        var libraries = Path.Combine(Path.GetDirectoryName(fetched.EnsureSuccess().StandardOutput.Trim())!, "lib");
        var directory = Directory.CreateTempSubdirectory("weir-libpq-").FullName;
        foreach (var library in Libraries)
        {
            File.Copy(Path.Combine(libraries, library), Path.Combine(directory, library));
        }

        return directory;
    }
}
