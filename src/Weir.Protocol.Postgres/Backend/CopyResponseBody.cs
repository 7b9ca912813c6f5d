using System.Buffers.Binary;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>
/// What CopyInResponse, CopyOutResponse and CopyBothResponse say: the overall format (text stands for CSV too) and a format per column.
/// </summary>
public readonly ref struct CopyResponseBody
{
    private readonly ReadOnlySpan<byte> _columns;

    private CopyResponseBody(FormatCode format, ReadOnlySpan<byte> columns)
    {
        Format = format;
        _columns = columns;
    }

    public FormatCode Format { get; }

    public int ColumnCount => _columns.Length / 2;

    public FormatCode ColumnFormat(int column) => (FormatCode)BinaryPrimitives.ReadInt16BigEndian(_columns[(2 * column)..]);

    internal static CopyResponseBody Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var format = reader.ReadByte();
        if (format > 1)
            Violation.Throw("invalid overall format in copy response");
        var columns = reader.ReadBytes(2 * reader.ReadUInt16());
        reader.EnsureEnd();
        return new CopyResponseBody((FormatCode)format, columns);
    }

    internal static void Write(MessageWriter writer, BackendMessageType type, FormatCode format, int columnCount)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columnCount, ushort.MaxValue);
        var start = writer.BeginMessage(type);
        writer.WriteByte((byte)format);
        writer.WriteUInt16((ushort)columnCount);
        for (var i = 0; i < columnCount; i++)
            writer.WriteInt16((short)format);
        writer.EndMessage(start);
    }
}
