using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>A later message of the client's mechanism: the whole body is its data.</summary>
public readonly ref struct SaslResponse
{
    private SaslResponse(ReadOnlySpan<byte> data) => Data = data;

    public ReadOnlySpan<byte> Data { get; }

    public static SaslResponse Read(ReadOnlySpan<byte> body) => new(body);

    public static void Write(MessageWriter writer, ReadOnlySpan<byte> data)
    {
        var start = writer.BeginMessage(FrontendMessageType.Password);
        writer.WriteBytes(data);
        writer.EndMessage(start);
    }
}
