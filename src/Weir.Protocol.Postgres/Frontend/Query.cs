using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>A simple query: one string with any number of statements, in client_encoding.</summary>
public readonly ref struct Query
{
    private Query(ReadOnlySpan<byte> text) => Text = text;

    public ReadOnlySpan<byte> Text { get; }

    public static Query Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var text = reader.ReadCString();
        reader.EnsureEnd();
        return new Query(text);
    }

    public static void Write(MessageWriter writer, ReadOnlySpan<byte> text)
    {
        var start = writer.BeginMessage(FrontendMessageType.Query);
        writer.WriteCString(text);
        writer.EndMessage(start);
    }

    public static void Write(MessageWriter writer, string text)
    {
        var start = writer.BeginMessage(FrontendMessageType.Query);
        writer.WriteCString(text);
        writer.EndMessage(start);
    }
}
