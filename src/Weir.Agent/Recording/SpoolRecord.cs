using System.Buffers.Binary;

namespace Weir.Agent.Recording;

/// <summary>
/// Layout of a record in a segment: <c>u32 length, u32 kind, u32 check, payload</c>, little-endian. The check is the CRC-32C of payload, length and
/// kind, mixed with the segment's number, so that records of an earlier life of the file never look valid.
/// </summary>
internal static class SpoolRecord
{
    public const int HeaderSize = 12;

    /// <summary>A serialized SessionEvent.</summary>
    public const uint Event = 1;

    /// <summary>A <see cref="SessionCheckpoint"/>.</summary>
    public const uint Checkpoint = 2;

    /// <summary>Nothing follows in this segment; the next one goes on.</summary>
    public const uint Seal = 3;

    /// <summary>The part of the check that does not depend on the segment.</summary>
    public static uint Sum(uint kind, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], kind);
        return Crc32C.Compute(payload, Crc32C.Compute(head));
    }

    public static void Write(Span<byte> output, uint kind, ReadOnlySpan<byte> payload, uint sum, long segment)
    {
        payload.CopyTo(output[HeaderSize..]);
        BinaryPrimitives.WriteUInt32LittleEndian(output, (uint)payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(output[4..], kind);
        BinaryPrimitives.WriteUInt32LittleEndian(output[8..], sum ^ SegmentMix(segment));
    }

    /// <summary>Reads the record at the start of the input.</summary>
    /// <returns>False when there is no whole valid record.</returns>
    public static bool TryRead(ReadOnlySpan<byte> input, long segment, out uint kind, out ReadOnlySpan<byte> payload)
    {
        kind = 0;
        payload = default;
        if (input.Length < HeaderSize)
            return false;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(input);
        if (length > (uint)(input.Length - HeaderSize))
            return false;
        kind = BinaryPrimitives.ReadUInt32LittleEndian(input[4..]);
        var candidate = input.Slice(HeaderSize, (int)length);
        if (kind is 0 or > Seal || (Sum(kind, candidate) ^ SegmentMix(segment)) != BinaryPrimitives.ReadUInt32LittleEndian(input[8..]))
            return false;
        payload = candidate;
        return true;
    }

    private static uint SegmentMix(long segment)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, segment);
        return Crc32C.Compute(bytes, 0x57454952);
    }
}
