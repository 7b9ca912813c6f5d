using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>The value of a run-time parameter that clients follow; sent at startup and whenever it changes.</summary>
public readonly ref struct ParameterStatus
{
    private ParameterStatus(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Name = name;
        Value = value;
    }

    public ReadOnlySpan<byte> Name { get; }

    public ReadOnlySpan<byte> Value { get; }

    public static ParameterStatus Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var name = reader.ReadCString();
        var value = reader.ReadCString();
        reader.EnsureEnd();
        return new ParameterStatus(name, value);
    }

    public static void Write(MessageWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var start = writer.BeginMessage(BackendMessageType.ParameterStatus);
        writer.WriteCString(name);
        writer.WriteCString(value);
        writer.EndMessage(start);
    }

    public static void Write(MessageWriter writer, string name, string value)
    {
        var start = writer.BeginMessage(BackendMessageType.ParameterStatus);
        writer.WriteCString(name);
        writer.WriteCString(value);
        writer.EndMessage(start);
    }
}
