using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>Makes the server send what it has buffered, without ending the run.</summary>
public static class Flush
{
    public static ReadOnlySpan<byte> Bytes => [(byte)'H', 0, 0, 0, 4];

    /// <exception cref="ProtocolViolationException">The body is not empty.</exception>
    public static void Read(ReadOnlySpan<byte> body) => new BodyReader(body).EnsureEnd();

    public static void Write(MessageWriter writer) => writer.WriteBytes(Bytes);
}
