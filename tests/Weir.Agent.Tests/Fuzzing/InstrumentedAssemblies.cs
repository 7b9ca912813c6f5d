using System.Reflection;
using System.Runtime.Loader;
using SharpFuzz;

namespace Weir.Agent.Tests.Fuzzing;

/// <summary>
/// Second copies of some assemblies, in which each basic block reports itself to the <see cref="CoverageMap"/> (SharpFuzz rewrites them). Everything else is shared with the tests around, which run the
/// code as it was built.
/// </summary>
internal sealed class InstrumentedAssemblies : AssemblyLoadContext, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <param name="namespaces">What to instrument: by name of the assembly, the namespaces whose types count.</param>
    public InstrumentedAssemblies(IReadOnlyDictionary<string, string[]> namespaces)
        : base("instrumented", isCollectible: false)
    {
        CoverageMap.Prepare();
        foreach (var (name, counted) in namespaces)
        {
            var copy = PathOf(name);
            File.Copy(Path.Combine(AppContext.BaseDirectory, name + ".dll"), copy);
            _ = Fuzzer.Instrument(copy, type => counted.Any(n => type == n || type.StartsWith(n + ".", StringComparison.Ordinal) || type.StartsWith(n + "/", StringComparison.Ordinal)), Options.Value).ToArray();
        }
    }

    /// <summary>A static method of the copy, which takes nothing.</summary>
    public T Call<T>(Type type, string method)
    {
        var copy = LoadFromAssemblyName(type.Assembly.GetName()).GetType(type.FullName!, throwOnError: true)!;
        return (T)copy.GetMethod(method, BindingFlags.Public | BindingFlags.Static)!.Invoke(null, null)!;
    }

    public void Dispose() => _directory.Dispose();

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var path = PathOf(assemblyName.Name!);
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    private string PathOf(string name) => Path.Combine(_directory.Path, name + ".dll");
}
