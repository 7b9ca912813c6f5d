using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>Asks for TLS before startup. The answer is one bare byte: <see cref="Accepted"/> or <see cref="Refused"/>.</summary>
public static class SslRequest
{
    public const byte Accepted = (byte)'S';
    public const byte Refused = (byte)'N';

    public static ReadOnlySpan<byte> Bytes => [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

    public static void Write(MessageWriter writer) => writer.WriteBytes(Bytes);
}
