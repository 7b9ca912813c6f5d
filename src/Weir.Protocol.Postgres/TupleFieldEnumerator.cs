using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres;

/// <summary>Walks the values of a validated DataRow or array.</summary>
public ref struct TupleFieldEnumerator
{
    private BodyReader _reader;

    internal TupleFieldEnumerator(ReadOnlySpan<byte> fields)
    {
        _reader = new BodyReader(fields);
        Current = default;
    }

    public TupleField Current { get; private set; }

    public readonly TupleFieldEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_reader.Remaining == 0)
            return false;
        var hasValue = _reader.TryReadValue(out var value);
        Current = new TupleField(!hasValue, value);
        return true;
    }
}
