using System.Buffers.Binary;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Backend;

/// <summary>The types of a prepared statement's parameters.</summary>
public readonly ref struct ParameterDescription
{
    private readonly ReadOnlySpan<byte> _types;

    private ParameterDescription(ReadOnlySpan<byte> types) => _types = types;

    public int Count => _types.Length / 4;

    /// <summary>Type oid of parameter <paramref name="index"/>, from 0.</summary>
    public uint this[int index] => BinaryPrimitives.ReadUInt32BigEndian(_types[(4 * index)..]);

    public static ParameterDescription Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var types = reader.ReadBytes(4 * reader.ReadUInt16());
        reader.EnsureEnd();
        return new ParameterDescription(types);
    }

    public static void Write(MessageWriter writer, ReadOnlySpan<uint> types)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(types.Length, ushort.MaxValue, nameof(types));
        var start = writer.BeginMessage(BackendMessageType.ParameterDescription);
        writer.WriteUInt16((ushort)types.Length);
        foreach (var type in types)
            writer.WriteUInt32(type);
        writer.EndMessage(start);
    }
}
