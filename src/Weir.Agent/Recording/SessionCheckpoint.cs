using System.Buffers.Binary;

namespace Weir.Agent.Recording;

/// <summary>
/// A spool record that repeats where a live session's chain stands, written when the segment with its last event is given back; so a
/// restart after a crash can still close the session's recording. Never leaves the agent.
/// </summary>
internal static class SessionCheckpoint
{
    private const int FixedSize = 16 + 8 + 32 + 8 + 8;

    /// <summary>More open statements than this are not remembered.</summary>
    private const int MaxOpen = 256;

    public const int MaxSize = FixedSize + (MaxOpen * 8);

    public static int Write(Span<byte> output, SessionChain chain)
    {
        chain.SessionId.TryWriteBytes(output, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64LittleEndian(output[16..], chain.Sequence);
        chain.Hash.CopyTo(output[24..]);
        BinaryPrimitives.WriteInt64LittleEndian(output[56..], chain.Statements);
        BinaryPrimitives.WriteInt64LittleEndian(output[64..], chain.Denied);
        var position = FixedSize;
        foreach (var open in chain.Open)
        {
            if (position == MaxSize)
                break;
            BinaryPrimitives.WriteInt64LittleEndian(output[position..], open.Number);
            position += 8;
        }

        return position;
    }

    public static SessionChain Read(ReadOnlySpan<byte> record)
    {
        if (record.Length < FixedSize || (record.Length - FixedSize) % 8 != 0)
            throw new InvalidDataException("A checkpoint is malformed.");
        var chain = new SessionChain(
            new Guid(record[..16], bigEndian: true),
            BinaryPrimitives.ReadInt64LittleEndian(record[16..]),
            record.Slice(24, 32),
            BinaryPrimitives.ReadInt64LittleEndian(record[56..]),
            BinaryPrimitives.ReadInt64LittleEndian(record[64..]));
        for (var position = FixedSize; position < record.Length; position += 8)
            chain.Open.Add(new SessionChain.OpenStatement { Number = BinaryPrimitives.ReadInt64LittleEndian(record[position..]) });
        return chain;
    }
}
