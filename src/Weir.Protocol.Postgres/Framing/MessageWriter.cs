using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Weir.Protocol.Postgres.Framing;

/// <summary>
/// A growable output buffer that knows message framing. Owned by one session or loop and used again after <see cref="Clear"/>, so that
/// steady traffic allocates nothing. Not thread-safe.
/// </summary>
public sealed class MessageWriter : IBufferWriter<byte>
{
    /// <summary>PostgreSQL's own ceiling for one allocation (MaxAllocSize).</summary>
    public const int MaxCapacity = 0x3fff_ffff;

    private readonly int _initialCapacity;
    private readonly int _retainedCapacity;
    private readonly bool _pinned;
    private byte[] _buffer;
    private int _length;

    /// <param name="initialCapacity">Bytes.</param>
    /// <param name="retainedCapacity">A buffer that grew beyond this is given up by <see cref="Clear"/>, so that one huge row does not cost memory forever.</param>
    /// <param name="pinned">Allocate on the pinned object heap, for system calls that take an address.</param>
    public MessageWriter(int initialCapacity = 4096, int retainedCapacity = 1 << 20, bool pinned = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(initialCapacity);
        _initialCapacity = initialCapacity;
        _retainedCapacity = Math.Max(retainedCapacity, initialCapacity);
        _pinned = pinned;
        _buffer = Allocate(initialCapacity);
    }

    public int Length => _length;

    public bool IsEmpty => _length == 0;

    /// <summary>Valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    public void Clear()
    {
        _length = 0;
        if (_buffer.Length > _retainedCapacity)
            _buffer = Allocate(_initialCapacity);
    }

    /// <summary>Drops everything behind <paramref name="length"/>, which was <see cref="Length"/> before a write that is to be undone.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _length);
        _length = length;
    }

    /// <summary>Drops the first <paramref name="count"/> bytes (they were sent) and moves the rest to the front.</summary>
    public void RemoveFront(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _length);
        _buffer.AsSpan(count, _length - count).CopyTo(_buffer);
        _length -= count;
    }

    /// <summary>Writes the type and room for the length. Returns what <see cref="EndMessage"/> needs.</summary>
    public int BeginMessage(FrontendMessageType type) => BeginMessage((byte)type);

    /// <inheritdoc cref="BeginMessage(FrontendMessageType)"/>
    public int BeginMessage(BackendMessageType type) => BeginMessage((byte)type);

    /// <summary>A message without type byte: startup packets.</summary>
    public int BeginUntyped()
    {
        var start = _length;
        WriteInt32(0);
        return start;
    }

    /// <summary>Fills in the length of the message begun at <paramref name="start"/>.</summary>
    public void EndMessage(int start) => BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(start), _length - start);

    public void WriteByte(byte value)
    {
        Reserve(1)[0] = value;
        _length++;
    }

    public void WriteInt16(short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(Reserve(2), value);
        _length += 2;
    }

    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), value);
        _length += 2;
    }

    public void WriteInt32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(Reserve(4), value);
        _length += 4;
    }

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);
        _length += 4;
    }

    public void WriteInt64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(Reserve(8), value);
        _length += 8;
    }

    public void WriteBytes(scoped ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(value.Length));
        _length += value.Length;
    }

    /// <summary>The bytes and a NUL.</summary>
    /// <exception cref="ArgumentException">A NUL inside: it would end the string early and shift every later field.</exception>
    public void WriteCString(scoped ReadOnlySpan<byte> value)
    {
        if (value.Contains((byte)0))
            throw new ArgumentException("A protocol string cannot contain NUL.", nameof(value));
        WriteBytes(value);
        WriteByte(0);
    }

    /// <summary>UTF-8 and a NUL.</summary>
    /// <exception cref="ArgumentException">A NUL inside.</exception>
    public void WriteCString(string value)
    {
        if (value.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("A protocol string cannot contain NUL.", nameof(value));
        WriteUtf8(value);
        WriteByte(0);
    }

    public void WriteUtf8(scoped ReadOnlySpan<char> value)
    {
        var span = Reserve(Encoding.UTF8.GetMaxByteCount(value.Length));
        _length += Encoding.UTF8.GetBytes(value, span);
    }

    /// <summary>A value with its length in front, -1 for NULL is <see cref="WriteNull"/>.</summary>
    public void WriteValue(scoped ReadOnlySpan<byte> value)
    {
        var span = Reserve(4 + value.Length);
        BinaryPrimitives.WriteInt32BigEndian(span, value.Length);
        value.CopyTo(span[4..]);
        _length += 4 + value.Length;
    }

    public void WriteNull() => WriteInt32(-1);

    /// <summary>Room for a value's length, to be filled in by <see cref="EndValue"/> when the value is written.</summary>
    public int BeginValue()
    {
        var start = _length;
        WriteInt32(0);
        return start;
    }

    public void EndValue(int start) => BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(start), _length - start - 4);

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _length);
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => Reserve(Math.Max(sizeHint, 1));

    internal int BeginMessage(byte type)
    {
        var span = Reserve(FrameHeader.Size);
        span[0] = type;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], 0);
        _length += FrameHeader.Size;
        return _length - 4;
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
            Grow(count);
        return _buffer.AsSpan(_length);
    }

    private void Grow(int count)
    {
        var needed = (long)_length + count;
        if (needed > MaxCapacity)
            throw new ProtocolViolationException("message is larger than the protocol allows", SqlStates.ProgramLimitExceeded, isFatal: true);
        var grown = Allocate((int)Math.Min(MaxCapacity, Math.Max(needed, 2L * _buffer.Length)));
        _buffer.AsSpan(0, _length).CopyTo(grown);
        _buffer = grown;
    }

    private byte[] Allocate(int capacity) => _pinned ? GC.AllocateUninitializedArray<byte>(capacity, pinned: true) : new byte[capacity];
}
