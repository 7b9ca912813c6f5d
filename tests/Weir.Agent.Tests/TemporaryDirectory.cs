using Weir.Agent.Configuration;

namespace Weir.Agent.Tests;

/// <summary>A directory of one test's own.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("weir-agent-").FullName;

    public DataDirectory OpenData() => DataDirectory.Open(Path);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
