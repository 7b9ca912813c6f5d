using System.Buffers;
using System.Buffers.Text;

namespace Weir.Protocol.Postgres.Scram;

internal static class ScramBase64
{
    /// <summary>Decodes strictly (the framework would skip white space). Gives the number of bytes written.</summary>
    internal static int Decode(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        if (text.ContainsAny((byte)' ', (byte)'\t', (byte)'\r')
            || text.Contains((byte)'\n')
            || Base64.DecodeFromUtf8(text, destination, out var consumed, out var written) != OperationStatus.Done
            || consumed != text.Length)
        {
            Violation.ThrowFatal("malformed SCRAM message");
            return 0;
        }

        return written;
    }
}
