using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>Walks the columns of a validated RowDescription.</summary>
public ref struct FieldDescriptionEnumerator
{
    private BodyReader _reader;

    internal FieldDescriptionEnumerator(ReadOnlySpan<byte> fields)
    {
        _reader = new BodyReader(fields);
        Current = default;
    }

    public FieldDescription Current { get; private set; }

    public readonly FieldDescriptionEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_reader.Remaining == 0)
            return false;
        Current = new FieldDescription(
            _reader.ReadCString(),
            _reader.ReadUInt32(),
            _reader.ReadInt16(),
            _reader.ReadUInt32(),
            _reader.ReadInt16(),
            _reader.ReadInt32(),
            (FormatCode)_reader.ReadInt16());
        return true;
    }
}
