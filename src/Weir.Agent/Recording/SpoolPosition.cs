namespace Weir.Agent.Recording;

/// <summary>Positions in the spool are plain numbers that only grow: segment number × segment size + offset in the segment.</summary>
internal static class SpoolPosition
{
    public static long Of(long segment, int offset) => (segment * SegmentFile.Size) + offset;

    public static long SegmentOf(long position) => position / SegmentFile.Size;

    public static int OffsetOf(long position) => (int)(position % SegmentFile.Size);

    /// <summary>The first record of a segment.</summary>
    public static long StartOf(long segment) => Of(segment, SegmentFile.HeaderSize);
}
