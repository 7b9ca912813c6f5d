using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>One row: a count, then each value with its length. To change values use <see cref="DataRowRewriter"/>.</summary>
public readonly ref struct DataRow
{
    private readonly ReadOnlySpan<byte> _fields;

    private DataRow(int fieldCount, ReadOnlySpan<byte> fields)
    {
        FieldCount = fieldCount;
        _fields = fields;
    }

    public int FieldCount { get; }

    public TupleFieldEnumerator Fields => new(_fields);

    public static DataRow Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var count = reader.ReadUInt16();
        var fields = reader.Rest;
        for (var i = 0; i < count; i++)
            reader.TryReadValue(out _);
        reader.EnsureEnd();
        return new DataRow(count, fields);
    }
}
