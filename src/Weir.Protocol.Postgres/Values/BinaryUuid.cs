using System.Buffers.Text;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Values;

/// <summary>uuid: 16 bytes in the order of the text.</summary>
internal static class BinaryUuid
{
    internal static bool TryWriteText(ReadOnlySpan<byte> binary, MessageWriter destination)
    {
        if (binary.Length != 16)
            return false;
        Utf8Formatter.TryFormat(new Guid(binary, bigEndian: true), destination.GetSpan(36), out var written);
        destination.Advance(written);
        return true;
    }

    internal static bool TryWriteBinary(ReadOnlySpan<byte> text, MessageWriter destination)
    {
        if (!Utf8Parser.TryParse(text, out Guid value, out var consumed) || consumed != text.Length)
            return false;
        value.TryWriteBytes(destination.GetSpan(16), bigEndian: true, out _);
        destination.Advance(16);
        return true;
    }
}
