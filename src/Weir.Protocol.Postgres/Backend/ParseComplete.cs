using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>A Parse succeeded.</summary>
public static class ParseComplete
{
    public static ReadOnlySpan<byte> Bytes => [(byte)'1', 0, 0, 0, 4];

    /// <exception cref="ProtocolViolationException">The body is not empty.</exception>
    public static void Read(ReadOnlySpan<byte> body) => new BodyReader(body).EnsureEnd();

    public static void Write(MessageWriter writer) => writer.WriteBytes(Bytes);
}
