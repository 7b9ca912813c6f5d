using System.Runtime.InteropServices;

namespace Weir.Agent.Configuration;

/// <summary>Files that are there whole or not at all, also after a crash of the machine, and that only their owner can read.</summary>
internal static partial class DurableFile
{
    private const int ReadOnlyDirectory = 0x10000; // O_RDONLY | O_DIRECTORY

    /// <summary>Replaces the file.</summary>
    /// <param name="isDurable">False: survives the death of the process, but not yet that of the machine; costs no wait for the disk.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, bool isDurable = true)
    {
        var temporary = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            BufferSize = 0,
        };
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(content);
            if (isDurable)
                stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        if (isDurable)
            FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>The content; null when there is no such file.</summary>
    public static byte[]? Read(string path) => File.Exists(path) ? File.ReadAllBytes(path) : null;

    // A rename is on the disk when its directory is (rename(2), fsync(2)).
    private static void FlushDirectory(string path)
    {
        var descriptor = open(path, ReadOnlyDirectory);
        if (descriptor < 0)
            throw new IOException($"{path} can't be opened for flushing (errno {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (fsync(descriptor) != 0)
                throw new IOException($"{path} can't be flushed (errno {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
