using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Weir.Agent.Recording;

/// <summary>A segment that is being written: its file, mapped whole. What is written to the mapping belongs to the operating system at once and survives the death of this process.</summary>
internal sealed unsafe class MappedSegment : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly MemoryMappedFile _mapping;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    public MappedSegment(string directory, int slot)
    {
        Slot = slot;
        _file = SegmentFile.Open(directory, slot);
        _mapping = MemoryMappedFile.CreateFromFile(_file, null, SegmentFile.Size, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = _mapping.CreateViewAccessor(0, SegmentFile.Size, MemoryMappedFileAccess.ReadWrite);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public int Slot { get; }

    /// <summary>Number of the segment; 0 until it begins.</summary>
    public long Number { get; set; }

    /// <summary>Where the next record goes.</summary>
    public int End { get; set; } = SegmentFile.HeaderSize;

    public Span<byte> Bytes => new(_start, SegmentFile.Size);

    /// <summary>Returns when everything written so far is on the disk. May take as long as the disk likes.</summary>
    /// <exception cref="IOException">The disk failed; what is on it is unknown.</exception>
    public void Flush() => SegmentFile.FlushData(_file);

    /// <summary>Also waits for the disk.</summary>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _mapping.Dispose();
        _file.Dispose();
    }
}
