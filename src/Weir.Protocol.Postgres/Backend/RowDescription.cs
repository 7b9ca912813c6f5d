using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>The columns of the rows to come: a count, then per column a name and 18 bytes.</summary>
public readonly ref struct RowDescription
{
    // table oid 4, attribute number 2, type oid 4, type length 2, type modifier 4, format 2
    private const int FixedBytes = 18;

    private readonly ReadOnlySpan<byte> _fields;

    private RowDescription(int fieldCount, ReadOnlySpan<byte> fields)
    {
        FieldCount = fieldCount;
        _fields = fields;
    }

    public int FieldCount { get; }

    public FieldDescriptionEnumerator Fields => new(_fields);

    public static RowDescription Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var count = reader.ReadUInt16();
        var fields = reader.Rest;
        for (var i = 0; i < count; i++)
        {
            reader.ReadCString();
            reader.ReadBytes(FixedBytes);
        }

        reader.EnsureEnd();
        return new RowDescription(count, fields);
    }

    /// <summary>
    /// The same columns in the formats of a Bind: none means all text, one means that one for all. What a client sees when it describes
    /// a portal, made from what is remembered of the statement.
    /// </summary>
    /// <exception cref="ArgumentException">Several formats, but not one for each column.</exception>
    public void WriteWithFormats(MessageWriter writer, ReadOnlySpan<FormatCode> formats)
    {
        if (formats.Length > 1 && formats.Length != FieldCount)
            throw new ArgumentException("One format for each column, one for all, or none.", nameof(formats));
        var start = writer.BeginMessage(BackendMessageType.RowDescription);
        writer.WriteUInt16((ushort)FieldCount);
        var reader = new BodyReader(_fields);
        for (var i = 0; i < FieldCount; i++)
        {
            var fieldStart = reader.Position;
            reader.ReadCString();
            reader.ReadBytes(FixedBytes - 2);
            writer.WriteBytes(_fields[fieldStart..reader.Position]);
            reader.ReadInt16();
            writer.WriteInt16((short)(formats.Length switch { 0 => FormatCode.Text, 1 => formats[0], _ => formats[i] }));
        }

        writer.EndMessage(start);
    }
}
