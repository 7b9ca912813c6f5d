using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>The client's choice of mechanism, and its first message if it has one.</summary>
public readonly ref struct SaslInitialResponse
{
    private SaslInitialResponse(ReadOnlySpan<byte> mechanism, bool hasResponse, ReadOnlySpan<byte> response)
    {
        Mechanism = mechanism;
        HasResponse = hasResponse;
        Response = response;
    }

    public ReadOnlySpan<byte> Mechanism { get; }

    /// <summary>False when the length on the wire is -1.</summary>
    public bool HasResponse { get; }

    public ReadOnlySpan<byte> Response { get; }

    public static SaslInitialResponse Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var mechanism = reader.ReadCString();
        var hasResponse = reader.TryReadValue(out var response);
        reader.EnsureEnd();
        return new SaslInitialResponse(mechanism, hasResponse, response);
    }

    public static void Write(MessageWriter writer, ReadOnlySpan<byte> mechanism, ReadOnlySpan<byte> response)
    {
        var start = writer.BeginMessage(FrontendMessageType.Password);
        writer.WriteCString(mechanism);
        writer.WriteValue(response);
        writer.EndMessage(start);
    }

    /// <summary>With length -1: the mechanism lets the server speak first.</summary>
    public static void WriteWithoutResponse(MessageWriter writer, ReadOnlySpan<byte> mechanism)
    {
        var start = writer.BeginMessage(FrontendMessageType.Password);
        writer.WriteCString(mechanism);
        writer.WriteNull();
        writer.EndMessage(start);
    }
}
