using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>Ends a run of extended-protocol messages: the server answers with ReadyForQuery and stops skipping after an error.</summary>
public static class Sync
{
    public static ReadOnlySpan<byte> Bytes => [(byte)'S', 0, 0, 0, 4];

    /// <exception cref="ProtocolViolationException">The body is not empty.</exception>
    public static void Read(ReadOnlySpan<byte> body) => new BodyReader(body).EnsureEnd();

    public static void Write(MessageWriter writer) => writer.WriteBytes(Bytes);
}
