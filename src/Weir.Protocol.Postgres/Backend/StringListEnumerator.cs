using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>Walks NUL-terminated strings of a validated message: mechanisms, protocol options.</summary>
public ref struct StringListEnumerator
{
    private BodyReader _reader;

    internal StringListEnumerator(ReadOnlySpan<byte> names)
    {
        _reader = new BodyReader(names);
        Current = default;
    }

    public ReadOnlySpan<byte> Current { get; private set; }

    public readonly StringListEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_reader.Remaining == 0)
            return false;
        Current = _reader.ReadCString();
        return true;
    }
}
