using System.Buffers.Binary;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres;

/// <summary>A list of format codes as Bind and FunctionCall carry it: none means all text, one means that one for all.</summary>
public readonly ref struct FormatCodes
{
    private readonly ReadOnlySpan<byte> _codes;

    private FormatCodes(ReadOnlySpan<byte> codes) => _codes = codes;

    /// <summary>How many are given.</summary>
    public int Count => _codes.Length / 2;

    /// <summary>
    /// The format that applies to value <paramref name="index"/>. Behind the end of a list of several it is text; callers compare
    /// <see cref="Count"/> with the number of values where that matters.
    /// </summary>
    public FormatCode this[int index] => Count switch
    {
        0 => FormatCode.Text,
        1 => At(0),
        var count => index < count ? At(index) : FormatCode.Text,
    };

    /// <summary>Whether a code other than text and binary is among them; PostgreSQL answers that with 22023.</summary>
    public bool HasUnknown
    {
        get
        {
            for (var i = 0; i < Count; i++)
            {
                if (At(i) is not (FormatCode.Text or FormatCode.Binary))
                    return true;
            }

            return false;
        }
    }

    /// <summary>Whether one list of result formats suits that many columns.</summary>
    public bool Fits(int valueCount) => Count <= 1 || Count == valueCount;

    /// <summary>Copies the codes as given. Returns their number.</summary>
    public int CopyTo(Span<FormatCode> destination)
    {
        for (var i = 0; i < Count; i++)
            destination[i] = At(i);
        return Count;
    }

    internal static FormatCodes Read(scoped ref BodyReader reader) => new(reader.ReadBytes(2 * reader.ReadUInt16()));

    internal static void Write(MessageWriter writer, scoped ReadOnlySpan<FormatCode> formats)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(formats.Length, ushort.MaxValue, nameof(formats));
        writer.WriteUInt16((ushort)formats.Length);
        foreach (var format in formats)
            writer.WriteInt16((short)format);
    }

    private FormatCode At(int index) => (FormatCode)BinaryPrimitives.ReadInt16BigEndian(_codes[(2 * index)..]);
}
