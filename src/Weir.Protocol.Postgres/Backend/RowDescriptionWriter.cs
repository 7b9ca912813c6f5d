using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>Writes a RowDescription column by column, for rows that Weir itself answers with.</summary>
public ref struct RowDescriptionWriter
{
    private readonly MessageWriter _writer;
    private readonly int _start;
    private int _left;

    private RowDescriptionWriter(MessageWriter writer, int start, int fieldCount)
    {
        _writer = writer;
        _start = start;
        _left = fieldCount;
    }

    public static RowDescriptionWriter Begin(MessageWriter writer, int fieldCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fieldCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fieldCount, ushort.MaxValue);
        var start = writer.BeginMessage(BackendMessageType.RowDescription);
        writer.WriteUInt16((ushort)fieldCount);
        return new RowDescriptionWriter(writer, start, fieldCount);
    }

    public void WriteField(
        ReadOnlySpan<byte> name,
        uint typeOid,
        short typeLength,
        FormatCode format = FormatCode.Text,
        int typeModifier = -1,
        uint tableOid = 0,
        short attributeNumber = 0)
    {
        if (_left-- == 0)
            throw new InvalidOperationException("A RowDescription must have as many columns as announced.");
        _writer.WriteCString(name);
        _writer.WriteUInt32(tableOid);
        _writer.WriteInt16(attributeNumber);
        _writer.WriteUInt32(typeOid);
        _writer.WriteInt16(typeLength);
        _writer.WriteInt32(typeModifier);
        _writer.WriteInt16((short)format);
    }

    public readonly void End()
    {
        if (_left != 0)
            throw new InvalidOperationException("A RowDescription must have as many columns as announced.");
        _writer.EndMessage(_start);
    }
}
