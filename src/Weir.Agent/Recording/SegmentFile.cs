using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weir.Agent.Recording;

/// <summary>
/// One file of the spool. All have the same size, are claimed on the disk in full when the spool is opened (writing to a mapped page can't fail for
/// lack of room then), and are used over and over: the header says which segment the file holds now.
/// </summary>
internal static partial class SegmentFile
{
    /// <summary>Bytes of a segment. Part of the format: never changed for an existing spool.</summary>
    public const int Size = 4 * 1024 * 1024;

    /// <summary>Header: <c>u64 magic, i64 segment, i64 oldest live segment when this one began, u32 check</c>, then at 32 <c>i64</c> offset up to which it is acknowledged.</summary>
    public const int HeaderSize = 64;

    private const ulong Magic = 0x31304C5352494557; // "WEIRSL01"
    private const int AcknowledgedAt = 32;
    private const int Interrupted = 4;
    private const string Prefix = "segment-";

    public static string PathOf(string directory, int slot) => Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{slot:D6}"));

    public static IEnumerable<int> ExistingSlots(string directory) =>
        from path in Directory.EnumerateFiles(directory, Prefix + "*")
        let text = Path.GetFileName(path)[Prefix.Length..]
        where text.Length == 6 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    public static SafeFileHandle Open(string directory, int slot) =>
        File.OpenHandle(PathOf(directory, slot), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Creates the file, or completes one that was cut off while it was created, and claims its blocks.</summary>
    /// <exception cref="IOException">The disk has no room.</exception>
    public static void Allocate(string directory, int slot)
    {
        var path = PathOf(directory, slot);
        using var handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (RandomAccess.GetLength(handle) >= Size)
            return;
        File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (posix_fallocate(handle, 0, Size) == 0)
            return;

        // A file system without fallocate: writing is what claims the blocks there.
        var zeros = new byte[64 * 1024];
        for (long offset = 0; offset < Size; offset += zeros.Length)
            RandomAccess.Write(handle, zeros, offset);
    }

    public static void WriteHeader(Span<byte> segment, long number, long oldest)
    {
        segment[..HeaderSize].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(segment, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(segment[8..], number);
        BinaryPrimitives.WriteInt64LittleEndian(segment[16..], oldest);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[24..], Crc32C.Compute(segment[..24]));
        BinaryPrimitives.WriteInt64LittleEndian(segment[AcknowledgedAt..], HeaderSize);
    }

    /// <returns>False when the file holds no segment.</returns>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, out long number, out long oldest, out int acknowledged)
    {
        number = BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
        oldest = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        acknowledged = (int)Math.Clamp(BinaryPrimitives.ReadInt64LittleEndian(header[AcknowledgedAt..]), HeaderSize, Size);
        return BinaryPrimitives.ReadUInt64LittleEndian(header) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(header[24..]) == Crc32C.Compute(header[..24])
            && number > 0;
    }

    public static void WriteAcknowledged(SafeFileHandle handle, int offset)
    {
        Span<byte> value = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(value, offset);
        RandomAccess.Write(handle, value, AcknowledgedAt);
    }

    /// <summary>Brings the data to the disk, and of the metadata only what is needed to read them: the times of a file whose size never changes are not worth a commit of the journal.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void FlushData(SafeFileHandle file)
    {
        while (fdatasync(file) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
                throw new IOException($"The spool can't be flushed (error {error}).");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle fd);

    [LibraryImport("libc")]
    private static partial int posix_fallocate(SafeFileHandle fd, long offset, long length);
}
