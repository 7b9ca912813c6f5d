using System.Buffers;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Values;

/// <summary>bytea: the bytes themselves; text in hex form (bytea_output's default).</summary>
internal static class BinaryBytea
{
    internal static bool TryWriteText(ReadOnlySpan<byte> binary, MessageWriter destination)
    {
        destination.WriteBytes("\\x"u8);
        Convert.TryToHexStringLower(binary, destination.GetSpan((2 * binary.Length) + 1), out var written);
        destination.Advance(written);
        return true;
    }

    internal static bool TryWriteBinary(ReadOnlySpan<byte> text, MessageWriter destination)
    {
        if (!text.StartsWith("\\x"u8) || text.Length % 2 != 0)
            return false;
        text = text[2..];
        if (Convert.FromHexString(text, destination.GetSpan((text.Length / 2) + 1), out _, out var written) != OperationStatus.Done)
            return false;
        destination.Advance(written);
        return true;
    }
}
