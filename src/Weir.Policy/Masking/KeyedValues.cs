using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Weir.Policy.Masking;

/// <summary>
/// Deterministic fakes of values that have a type to keep: the same value gives the same fake under the same key, and different numbers, dates, times and
/// addresses give different ones.
/// </summary>
internal static class KeyedValues
{
    /// <summary>Writes a fake of any kind but text and JSON.</summary>
    public static MaskResult Write(byte[] key, ReadOnlySpan<byte> value, ValueKind kind, IBufferWriter<byte> output)
    {
        switch (kind)
        {
            case ValueKind.Boolean:
                output.Write(Pick(key, value, 2) == 0 ? "f"u8 : "t"u8);
                return MaskResult.Written;
            case ValueKind.Integer:
                return KeyedNumbers.Integer(key, value, output);
            case ValueKind.Decimal or ValueKind.Float:
                return KeyedNumbers.Decimal(key, value, output);
            case ValueKind.Uuid:
                return Uuid(key, value, output);
            case ValueKind.Date:
                return KeyedTimes.Date(key, value, output);
            case ValueKind.Timestamp:
                return KeyedTimes.Timestamp(key, value, output);
            case ValueKind.Time:
                return KeyedTimes.Time(key, value, output);
            case ValueKind.Network:
                return KeyedAddresses.Write(key, value, output);
            case ValueKind.Bytes:
                var stream = new KeyedStream(key, value, stackalloc byte[KeyedStream.SpaceLength]);
                return Put(output, string.Create(CultureInfo.InvariantCulture, $"\\x{stream.Next64():x16}{stream.Next64():x16}"));
            default:
                return FixedValues.Write(value, kind, output);
        }
    }

    /// <summary>A number below the bound that depends on the value.</summary>
    public static int Pick(byte[] key, ReadOnlySpan<byte> value, int bound) => new KeyedStream(key, value, stackalloc byte[KeyedStream.SpaceLength]).Below(bound);

    public static MaskResult Put(IBufferWriter<byte> output, string ascii)
    {
        int written = Encoding.ASCII.GetBytes(ascii, output.GetSpan(ascii.Length));
        output.Advance(written);
        return MaskResult.Written;
    }

    private static MaskResult Uuid(byte[] key, ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        var stream = new KeyedStream(key, value, stackalloc byte[KeyedStream.SpaceLength]);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, stream.Next64());
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], stream.Next64());
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80); // RFC 9562: version 8, custom
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        var to = output.GetSpan(36);
        Utf8Formatter.TryFormat(new Guid(bytes, bigEndian: true), to, out int written);
        output.Advance(written);
        return MaskResult.Written;
    }
}
