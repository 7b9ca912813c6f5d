using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>The result of a FunctionCall, in the format it asked for.</summary>
public readonly ref struct FunctionCallResponse
{
    private FunctionCallResponse(bool isNull, ReadOnlySpan<byte> value)
    {
        IsNull = isNull;
        Value = value;
    }

    public bool IsNull { get; }

    /// <summary>Empty for NULL.</summary>
    public ReadOnlySpan<byte> Value { get; }

    public static FunctionCallResponse Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var hasValue = reader.TryReadValue(out var value);
        reader.EnsureEnd();
        return new FunctionCallResponse(!hasValue, value);
    }

    public static void Write(MessageWriter writer, ReadOnlySpan<byte> value)
    {
        var start = writer.BeginMessage(BackendMessageType.FunctionCallResponse);
        writer.WriteValue(value);
        writer.EndMessage(start);
    }

    public static void WriteNull(MessageWriter writer)
    {
        var start = writer.BeginMessage(BackendMessageType.FunctionCallResponse);
        writer.WriteNull();
        writer.EndMessage(start);
    }
}
