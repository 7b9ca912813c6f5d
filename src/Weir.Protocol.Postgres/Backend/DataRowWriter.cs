using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>Writes a DataRow value by value.</summary>
public ref struct DataRowWriter
{
    private readonly MessageWriter _writer;
    private readonly int _start;
    private int _left;

    private DataRowWriter(MessageWriter writer, int start, int fieldCount)
    {
        _writer = writer;
        _start = start;
        _left = fieldCount;
    }

    public static DataRowWriter Begin(MessageWriter writer, int fieldCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fieldCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fieldCount, ushort.MaxValue);
        var start = writer.BeginMessage(BackendMessageType.DataRow);
        writer.WriteUInt16((ushort)fieldCount);
        return new DataRowWriter(writer, start, fieldCount);
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

    public readonly void End()
    {
        if (_left != 0)
            throw new InvalidOperationException("A DataRow must have as many values as announced.");
        _writer.EndMessage(_start);
    }

    private void Count()
    {
        if (_left-- == 0)
            throw new InvalidOperationException("A DataRow must have as many values as announced.");
    }
}
