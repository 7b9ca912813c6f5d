using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>Walks the values of a validated DataRow.</summary>
public ref struct DataRowFieldEnumerator
{
    private BodyReader _reader;

    internal DataRowFieldEnumerator(ReadOnlySpan<byte> fields)
    {
        _reader = new BodyReader(fields);
        Current = default;
    }

    public DataRowField Current { get; private set; }

    public readonly DataRowFieldEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_reader.Remaining == 0)
            return false;
        var hasValue = _reader.TryReadValue(out var value);
        Current = new DataRowField(!hasValue, value);
        return true;
    }
}
