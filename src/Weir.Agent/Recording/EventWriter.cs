using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Weir.Agent.Recording;

/// <summary>
/// Writes Protocol Buffers wire format (protobuf.dev, "Encoding") into a buffer of the caller's without allocating. Fields with the default value are
/// left out, as proto3 does. The caller provides enough room: running out of it throws <see cref="IndexOutOfRangeException"/> or <see cref="ArgumentException"/>.
/// </summary>
internal ref struct EventWriter(Span<byte> buffer)
{
    private const int Varint = 0;
    private const int LengthDelimited = 2;

    private readonly Span<byte> _buffer = buffer;

    public int Position { get; private set; }

    /// <summary>Upper bound of a tag and a length of any field used here.</summary>
    public const int FieldOverhead = 12;

    public static int VarintSize(ulong value)
    {
        var size = 1;
        for (; value >= 0x80; value >>= 7)
            size++;
        return size;
    }

    public static int Base64Size(int length) => Base64.GetMaxEncodedToUtf8Length(length);

    public void Int64(int field, long value)
    {
        if (value == 0)
            return;
        Tag(field, Varint);
        RawVarint((ulong)value);
    }

    /// <summary>A field with presence: written also when it is 0.</summary>
    public void OptionalInt64(int field, long value)
    {
        Tag(field, Varint);
        RawVarint((ulong)value);
    }

    public void Bool(int field, bool value)
    {
        if (!value)
            return;
        Tag(field, Varint);
        _buffer[Position++] = 1;
    }

    public void Bytes(int field, scoped ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
            Element(field, value);
    }

    /// <summary>An entry of a repeated field: written also when it is empty.</summary>
    public void Element(int field, scoped ReadOnlySpan<byte> value)
    {
        Tag(field, LengthDelimited);
        RawVarint((ulong)value.Length);
        Raw(value);
    }

    /// <summary>A string field from bytes that should be UTF-8; what is not is replaced, because a string field must be valid (and three times the length must fit then).</summary>
    public void Text(int field, scoped ReadOnlySpan<byte> value)
    {
        if (Utf8.IsValid(value))
            Bytes(field, value);
        else
            Bytes(field, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(value)));
    }

    public void Base64Text(int field, scoped ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return;
        Tag(field, LengthDelimited);
        var length = Base64Size(value.Length);
        RawVarint((ulong)length);
        Base64.EncodeToUtf8(value, _buffer.Slice(Position, length), out _, out _);
        Position += length;
    }

    /// <summary>A 16-byte id in network order.</summary>
    public void Id(int field, Guid value)
    {
        Tag(field, LengthDelimited);
        _buffer[Position++] = 16;
        value.TryWriteBytes(_buffer.Slice(Position, 16), bigEndian: true, out _);
        Position += 16;
    }

    /// <summary>Starts a message field of that exact length; its fields follow.</summary>
    public void Message(int field, int length)
    {
        Tag(field, LengthDelimited);
        RawVarint((uint)length);
    }

    /// <summary>Fields that are encoded already.</summary>
    public void Raw(scoped ReadOnlySpan<byte> encoded)
    {
        encoded.CopyTo(_buffer[Position..]);
        Position += encoded.Length;
    }

    private void Tag(int field, int wireType) => RawVarint((uint)((field << 3) | wireType));

    private void RawVarint(ulong value)
    {
        while (value >= 0x80)
        {
            _buffer[Position++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[Position++] = (byte)value;
    }
}
