using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>Walks the fields of a validated error or notice in the order sent.</summary>
public ref struct DiagnosticFieldEnumerator
{
    private BodyReader _reader;

    internal DiagnosticFieldEnumerator(ReadOnlySpan<byte> fields)
    {
        _reader = new BodyReader(fields);
        Current = default;
    }

    public DiagnosticFieldValue Current { get; private set; }

    public readonly DiagnosticFieldEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_reader.Remaining == 0)
            return false;
        var code = (DiagnosticField)_reader.ReadByte();
        Current = new DiagnosticFieldValue(code, _reader.ReadCString());
        return true;
    }
}
