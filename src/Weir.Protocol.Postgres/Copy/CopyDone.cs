using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Copy;

/// <summary>The COPY stream ends successfully; the same in both directions.</summary>
public static class CopyDone
{
    public static ReadOnlySpan<byte> Bytes => [(byte)'c', 0, 0, 0, 4];

    /// <exception cref="ProtocolViolationException">The body is not empty.</exception>
    public static void Read(ReadOnlySpan<byte> body) => new BodyReader(body).EnsureEnd();

    public static void Write(MessageWriter writer) => writer.WriteBytes(Bytes);
}
