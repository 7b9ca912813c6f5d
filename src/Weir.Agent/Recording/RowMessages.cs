using System.Buffers.Binary;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Agent.Recording;

/// <summary>Reads what was written to a client: whole messages, rows for the most part.</summary>
internal static class RowMessages
{
    private const byte DataRow = (byte)'D';

    /// <returns>False when no whole message is left.</returns>
    public static bool TryRead(ReadOnlySpan<byte> messages, out ReadOnlySpan<byte> body, out bool isRow, out ReadOnlySpan<byte> rest)
    {
        body = rest = default;
        isRow = false;
        if (messages.Length < FrameHeader.Size)
            return false;
        var length = BinaryPrimitives.ReadInt32BigEndian(messages[1..]);
        if (length < 4 || length > messages.Length - 1)
            return false;
        isRow = messages[0] == DataRow;
        body = messages.Slice(FrameHeader.Size, length - 4);
        rest = messages[(1 + length)..];
        return true;
    }
}
