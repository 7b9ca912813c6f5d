namespace Weir.Protocol.Postgres.Scram;

/// <summary>Reads <c>a=value,b=value…</c>, the form of every SCRAM message (RFC 5802 section 7).</summary>
internal ref struct ScramAttributeReader
{
    private readonly ReadOnlySpan<byte> _message;

    internal ScramAttributeReader(ReadOnlySpan<byte> message)
    {
        if (message.Length > ScramMechanism.MaxMessageLength || message.Contains((byte)0))
            Violation.ThrowFatal("malformed SCRAM message");
        _message = message;
        Position = 0;
    }

    /// <summary>Start of the next attribute.</summary>
    internal int Position { get; private set; }

    internal readonly bool IsAtEnd => Position > _message.Length || (Position == 0 && _message.IsEmpty);

    /// <summary>The name of the next attribute, 0 at the end.</summary>
    internal readonly byte PeekName() => Position < _message.Length ? _message[Position] : (byte)0;

    internal ReadOnlySpan<byte> Read(char name)
    {
        if (PeekName() != name)
            Violation.ThrowFatal("malformed SCRAM message");
        return ReadAny();
    }

    internal ReadOnlySpan<byte> ReadAny()
    {
        if (Position > _message.Length)
            Violation.ThrowFatal("malformed SCRAM message");
        var rest = _message[Position..];
        if (rest.Length < 2 || !char.IsAsciiLetter((char)rest[0]) || rest[1] != (byte)'=')
            Violation.ThrowFatal("malformed SCRAM message");
        var comma = rest.IndexOf((byte)',');
        var end = comma < 0 ? rest.Length : comma;
        // Behind the last attribute the position is one past the end, so that a comma with nothing behind it is not taken for the end.
        Position += end + 1;
        return rest[2..end];
    }

    internal readonly void EnsureEnd()
    {
        if (!IsAtEnd)
            Violation.ThrowFatal("malformed SCRAM message");
    }
}
