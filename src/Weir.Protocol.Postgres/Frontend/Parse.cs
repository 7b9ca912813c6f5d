using System.Buffers.Binary;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>Prepares a statement; the empty name is the unnamed statement.</summary>
public readonly ref struct Parse
{
    private readonly ReadOnlySpan<byte> _parameterTypes;

    private Parse(ReadOnlySpan<byte> statement, ReadOnlySpan<byte> text, ReadOnlySpan<byte> parameterTypes)
    {
        Statement = statement;
        Text = text;
        _parameterTypes = parameterTypes;
    }

    public ReadOnlySpan<byte> Statement { get; }

    public ReadOnlySpan<byte> Text { get; }

    /// <summary>How many types the client names; there may be more parameters than that.</summary>
    public int ParameterTypeCount => _parameterTypes.Length / 4;

    /// <summary>Type oid of parameter <paramref name="index"/> (from 0); 0 leaves it to the server.</summary>
    public uint ParameterType(int index) => BinaryPrimitives.ReadUInt32BigEndian(_parameterTypes[(4 * index)..]);

    public static Parse Read(ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        var statement = reader.ReadCString();
        var text = reader.ReadCString();
        var types = reader.ReadBytes(4 * reader.ReadUInt16());
        reader.EnsureEnd();
        return new Parse(statement, text, types);
    }

    public static void Write(MessageWriter writer, ReadOnlySpan<byte> statement, ReadOnlySpan<byte> text, ReadOnlySpan<uint> parameterTypes = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parameterTypes.Length, ushort.MaxValue, nameof(parameterTypes));
        var start = writer.BeginMessage(FrontendMessageType.Parse);
        writer.WriteCString(statement);
        writer.WriteCString(text);
        writer.WriteUInt16((ushort)parameterTypes.Length);
        foreach (var type in parameterTypes)
            writer.WriteUInt32(type);
        writer.EndMessage(start);
    }

    /// <summary>This message with another statement name or text, the parameter types as they are.</summary>
    public void Rewrite(MessageWriter writer, ReadOnlySpan<byte> statement, ReadOnlySpan<byte> text)
    {
        var start = writer.BeginMessage(FrontendMessageType.Parse);
        writer.WriteCString(statement);
        writer.WriteCString(text);
        writer.WriteUInt16((ushort)ParameterTypeCount);
        writer.WriteBytes(_parameterTypes);
        writer.EndMessage(start);
    }
}
