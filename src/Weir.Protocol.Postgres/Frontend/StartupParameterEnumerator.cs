using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>Walks the pairs of a validated StartupMessage.</summary>
public ref struct StartupParameterEnumerator
{
    private BodyReader _reader;

    internal StartupParameterEnumerator(ReadOnlySpan<byte> parameters)
    {
        _reader = new BodyReader(parameters);
        Current = default;
    }

    public StartupParameter Current { get; private set; }

    public readonly StartupParameterEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_reader.Remaining == 0)
            return false;
        Current = new StartupParameter(_reader.ReadCString(), _reader.ReadCString());
        return true;
    }
}
