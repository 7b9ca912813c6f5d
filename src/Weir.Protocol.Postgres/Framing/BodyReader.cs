using System.Buffers.Binary;

namespace Weir.Protocol.Postgres.Framing;

/// <summary>Reads the body of one message from front to back, in place; every read checks its bounds.</summary>
public ref struct BodyReader
{
    private readonly ReadOnlySpan<byte> _body;

    public BodyReader(ReadOnlySpan<byte> body)
    {
        _body = body;
        Position = 0;
    }

    public int Position { get; private set; }

    public readonly int Remaining => _body.Length - Position;

    public readonly ReadOnlySpan<byte> Rest => _body[Position..];

    public byte ReadByte()
    {
        if (Position == _body.Length)
            Violation.NoData();
        return _body[Position++];
    }

    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    /// <summary>Counts of the protocol are unsigned: PostgreSQL allows 65,535 parameters.</summary>
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count < 0)
            Violation.InsufficientData();
        return Take(count);
    }

    /// <summary>The string without its NUL, in client_encoding.</summary>
    public ReadOnlySpan<byte> ReadCString()
    {
        var rest = _body[Position..];
        var length = rest.IndexOf((byte)0);
        if (length < 0)
            Violation.InvalidString();
        Position += length + 1;
        return rest[..length];
    }

    /// <summary>A value with a four-byte length in front; -1 is NULL and gives false, anything else below 0 is a violation.</summary>
    public bool TryReadValue(out ReadOnlySpan<byte> value)
    {
        var length = ReadInt32();
        if (length == -1)
        {
            value = default;
            return false;
        }

        value = ReadBytes(length);
        return true;
    }

    /// <exception cref="ProtocolViolationException">Bytes are left.</exception>
    public readonly void EnsureEnd()
    {
        if (Position != _body.Length)
            Violation.TrailingData();
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        var rest = _body[Position..];
        if (rest.Length < count)
            Violation.InsufficientData();
        Position += count;
        return rest[..count];
    }
}
