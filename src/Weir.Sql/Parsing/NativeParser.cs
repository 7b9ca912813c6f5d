using System.Runtime.InteropServices;

namespace Weir.Sql.Parsing;

/// <summary>native/pgparser.h. The library lies beside the program and is looked for nowhere else.</summary>
internal static unsafe partial class NativeParser
{
    private const string Library = "libweir_pgparser";

    // Runs once and before every other call into the library, which is what pgq_init asks for.
    static NativeParser() => Init();

    [LibraryImport(Library, EntryPoint = "pgq_new")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial nint New(uint maxMegabytes);

    [LibraryImport(Library, EntryPoint = "pgq_free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial void Free(nint instance);

    [LibraryImport(Library, EntryPoint = "pgq_call")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial NativeStatus Call(
        nint instance, NativeOperation operation, byte* sql, uint length, nuint stackBudget, NativeResult* result);

    [LibraryImport(Library, EntryPoint = "pgq_release")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial NativeStatus Release(nint instance);

    [LibraryImport(Library, EntryPoint = "pgq_memory_size")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial uint MemorySize(nint instance);

    [LibraryImport(Library, EntryPoint = "pgq_interrupt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial void Interrupt(nint instance);

    [LibraryImport(Library, EntryPoint = "pgq_init")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static partial void Init();
}
