using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Values;

/// <summary>
/// An array in binary format (array_send): number of dimensions, a flag for NULLs, the element type's oid, length and lower bound of each
/// dimension, then the elements with their lengths, the last dimension running fastest.
/// </summary>
public readonly ref struct BinaryArray
{
    /// <summary>PostgreSQL's MAXDIM.</summary>
    public const int MaxDimensions = 6;

    private readonly ReadOnlySpan<byte> _header;
    private readonly ReadOnlySpan<byte> _elements;

    private BinaryArray(uint elementType, int count, ReadOnlySpan<byte> header, ReadOnlySpan<byte> elements)
    {
        ElementType = elementType;
        Count = count;
        _header = header;
        _elements = elements;
    }

    public uint ElementType { get; }

    /// <summary>Of all dimensions together.</summary>
    public int Count { get; }

    public TupleFieldEnumerator Elements => new(_elements);

    /// <summary>False: this is no array value.</summary>
    public static bool TryRead(ReadOnlySpan<byte> binary, out BinaryArray array)
    {
        array = default;
        if (binary.Length < 12)
            return false;
        var reader = new BodyReader(binary);
        var dimensions = reader.ReadInt32();
        var flags = reader.ReadInt32();
        var elementType = reader.ReadUInt32();
        if (dimensions is < 0 or > MaxDimensions || flags is < 0 or > 1 || reader.Remaining < 8 * dimensions)
            return false;
        long count = dimensions == 0 ? 0 : 1;
        for (var i = 0; i < dimensions; i++)
        {
            var length = reader.ReadInt32();
            reader.ReadInt32();
            // Each element takes four bytes at least, so an honest count is bounded by the bytes that are there.
            count *= length;
            if (length < 0 || count > binary.Length / 4)
                return false;
        }

        var header = binary[..reader.Position];
        var elements = reader.Rest;
        for (var i = 0; i < count; i++)
        {
            if (reader.Remaining < 4)
                return false;
            var length = reader.ReadInt32();
            if (length < -1 || length > reader.Remaining)
                return false;
            reader.ReadBytes(Math.Max(length, 0));
        }

        if (reader.Remaining != 0)
            return false;
        array = new BinaryArray(elementType, (int)count, header, elements);
        return true;
    }

    /// <summary>
    /// Writes dimensions and element type as they are; exactly <see cref="Count"/> values by <see cref="MessageWriter.WriteValue"/> or
    /// <see cref="MessageWriter.WriteNull"/> must follow. The flag for NULLs is set: readers only take it as "there may be some".
    /// </summary>
    public void WriteHeader(MessageWriter destination)
    {
        destination.WriteBytes(_header[..4]);
        destination.WriteInt32(1);
        destination.WriteBytes(_header[8..]);
    }

    /// <summary>As <see cref="WriteHeader(MessageWriter)"/>, with every dimension starting at 1: bounds can hold a value that was computed.</summary>
    public void WriteHeaderFromOne(MessageWriter destination)
    {
        destination.WriteBytes(_header[..4]);
        destination.WriteInt32(1);
        destination.WriteUInt32(ElementType);
        for (var dimension = 12; dimension < _header.Length; dimension += 8)
        {
            destination.WriteBytes(_header.Slice(dimension, 4));
            destination.WriteInt32(1);
        }
    }

    /// <summary>The header of an array of one dimension that starts at 1, or of an empty one.</summary>
    public static void WriteHeader(MessageWriter destination, uint elementType, int count, bool mayHaveNulls)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        destination.WriteInt32(count == 0 ? 0 : 1);
        destination.WriteInt32(mayHaveNulls ? 1 : 0);
        destination.WriteUInt32(elementType);
        if (count == 0)
            return;
        destination.WriteInt32(count);
        destination.WriteInt32(1);
    }
}
