using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>Asks for GSSAPI encryption before startup. The answer is one bare byte; Weir gives <see cref="Refused"/>.</summary>
public static class GssEncRequest
{
    public const byte Refused = (byte)'N';

    public static ReadOnlySpan<byte> Bytes => [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30];

    public static void Write(MessageWriter writer) => writer.WriteBytes(Bytes);
}
