using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>The described statement or portal returns no rows.</summary>
public static class NoData
{
    public static ReadOnlySpan<byte> Bytes => [(byte)'n', 0, 0, 0, 4];

    /// <exception cref="ProtocolViolationException">The body is not empty.</exception>
    public static void Read(ReadOnlySpan<byte> body) => new BodyReader(body).EnsureEnd();

    public static void Write(MessageWriter writer) => writer.WriteBytes(Bytes);
}
