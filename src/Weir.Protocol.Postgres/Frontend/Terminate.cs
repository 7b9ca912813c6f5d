using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>The client leaves.</summary>
public static class Terminate
{
    public static ReadOnlySpan<byte> Bytes => [(byte)'X', 0, 0, 0, 4];

    /// <exception cref="ProtocolViolationException">The body is not empty.</exception>
    public static void Read(ReadOnlySpan<byte> body) => new BodyReader(body).EnsureEnd();

    public static void Write(MessageWriter writer) => writer.WriteBytes(Bytes);
}
