using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>The client gives up a COPY FROM STDIN; the server answers with an error that quotes the reason.</summary>
public readonly ref struct CopyFail
{
    private CopyFail(ReadOnlySpan<byte> reason) => Reason = reason;

    public ReadOnlySpan<byte> Reason { get; }

    public static CopyFail Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var reason = reader.ReadCString();
        reader.EnsureEnd();
        return new CopyFail(reason);
    }

    public static void Write(MessageWriter writer, ReadOnlySpan<byte> reason)
    {
        var start = writer.BeginMessage(FrontendMessageType.CopyFail);
        writer.WriteCString(reason);
        writer.EndMessage(start);
    }
}
