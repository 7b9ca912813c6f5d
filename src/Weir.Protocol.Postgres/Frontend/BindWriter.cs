using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>
/// Writes a Bind piece by piece: <see cref="Begin"/>, then exactly as many values as announced, then <see cref="End"/>.
/// </summary>
public ref struct BindWriter
{
    private readonly MessageWriter _writer;
    private readonly int _start;
    private int _left;

    private BindWriter(MessageWriter writer, int start, int parameterCount)
    {
        _writer = writer;
        _start = start;
        _left = parameterCount;
    }

    /// <param name="writer">Nothing else may be written to it before <see cref="End"/>.</param>
    /// <param name="portal">Empty for the unnamed one.</param>
    /// <param name="statement">Empty for the unnamed one.</param>
    /// <param name="parameterFormats">None (all text), one for all, or one for each.</param>
    /// <param name="parameterCount">0 to 65,535.</param>
    public static BindWriter Begin(
        MessageWriter writer,
        ReadOnlySpan<byte> portal,
        ReadOnlySpan<byte> statement,
        ReadOnlySpan<FormatCode> parameterFormats,
        int parameterCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(parameterCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parameterCount, ushort.MaxValue);
        var start = writer.BeginMessage(FrontendMessageType.Bind);
        writer.WriteCString(portal);
        writer.WriteCString(statement);
        FormatCodes.Write(writer, parameterFormats);
        writer.WriteUInt16((ushort)parameterCount);
        return new BindWriter(writer, start, parameterCount);
    }

    public void WriteValue(ReadOnlySpan<byte> value)
    {
        Count();
        _writer.WriteValue(value);
    }

    public void WriteNull()
    {
        Count();
        _writer.WriteNull();
    }

    public readonly void End(ReadOnlySpan<FormatCode> resultFormats)
    {
        if (_left != 0)
            throw new InvalidOperationException("A Bind must have as many values as announced.");
        FormatCodes.Write(_writer, resultFormats);
        _writer.EndMessage(_start);
    }

    private void Count()
    {
        if (_left == 0)
            throw new InvalidOperationException("A Bind must have as many values as announced.");
        _left--;
    }
}
