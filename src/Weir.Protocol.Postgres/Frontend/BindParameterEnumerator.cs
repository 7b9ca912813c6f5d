using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>Walks the values of a validated Bind.</summary>
public ref struct BindParameterEnumerator
{
    private readonly FormatCodes _formats;
    private BodyReader _reader;
    private int _index;

    internal BindParameterEnumerator(ReadOnlySpan<byte> values, FormatCodes formats)
    {
        _reader = new BodyReader(values);
        _formats = formats;
        _index = -1;
        Current = default;
    }

    public BindParameter Current { get; private set; }

    /// <summary>Position of <see cref="Current"/>, from 0.</summary>
    public readonly int Index => _index;

    public readonly BindParameterEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_reader.Remaining == 0)
            return false;
        _index++;
        var hasValue = _reader.TryReadValue(out var value);
        Current = new BindParameter(_formats[_index], !hasValue, value);
        return true;
    }
}
