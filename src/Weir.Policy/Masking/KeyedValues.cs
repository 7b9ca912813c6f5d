using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Weir.Policy.Masking;

/// <summary>Deterministic fakes of values that have a type to keep: the same value gives the same fake under the same key.</summary>
internal static class KeyedValues
{
    /// <summary>Writes a fake of any kind but text and JSON.</summary>
    public static MaskResult Write(ref KeyedStream stream, ReadOnlySpan<byte> value, ValueKind kind, IBufferWriter<byte> output)
    {
        switch (kind)
        {
            case ValueKind.Boolean:
                output.Write(stream.Below(2) == 0 ? "f"u8 : "t"u8);
                return MaskResult.Written;
            case ValueKind.Integer:
                return Integer(ref stream, value, output);
            case ValueKind.Decimal or ValueKind.Float:
                return Decimal(ref stream, value, output);
            case ValueKind.Uuid:
                return Uuid(ref stream, output);
            case ValueKind.Date:
                return Put(output, DateOnly.FromDayNumber(new DateOnly(1950, 1, 1).DayNumber + stream.Below(36_525)), "yyyy-MM-dd");
            case ValueKind.Timestamp:
                return Timestamp(ref stream, value, output);
            case ValueKind.Network:
                return Put(output, string.Create(CultureInfo.InvariantCulture, $"10.{stream.Below(256)}.{stream.Below(256)}.{stream.Below(256)}"));
            case ValueKind.Bytes:
                return Put(output, string.Create(CultureInfo.InvariantCulture, $"\\x{stream.Next64():x16}{stream.Next64():x16}"));
            default:
                return FixedValues.Write(value, kind, output);
        }
    }

    // As many digits as the value has, and within the smallest integer type that holds the value, so that it fits the column.
    private static MaskResult Integer(ref KeyedStream stream, ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        if (!Utf8Parser.TryParse(value, out long number, out int used) || used != value.Length)
            return FixedValues.Write(value, ValueKind.Integer, output);
        ulong magnitude = number == long.MinValue ? long.MaxValue : (ulong)Math.Abs(number);
        ulong most = magnitude <= (ulong)short.MaxValue ? (ulong)short.MaxValue : magnitude <= int.MaxValue ? int.MaxValue : (ulong)long.MaxValue;
        ulong low = 1;
        while (low <= magnitude / 10)
            low *= 10;
        ulong high = low > most / 10 ? most : (low * 10) - 1;
        ulong fake = low + (stream.Next64() % (high - low + 1));
        if (number < 0)
            output.Write("-"u8);
        return Put(output, fake, "D");
    }

    private static MaskResult Decimal(ref KeyedStream stream, ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        var to = output.GetSpan(value.Length);
        bool isFirst = true;
        bool inExponent = false;
        for (int i = 0; i < value.Length; i++)
        {
            byte b = value[i];
            inExponent |= b is (byte)'e' or (byte)'E';
            if (!char.IsAsciiDigit((char)b))
            {
                if (b is not ((byte)'-' or (byte)'+' or (byte)'.' or (byte)'e' or (byte)'E'))
                    return FixedValues.Write(value, ValueKind.Decimal, output); // NaN, Infinity
                to[i] = b;
                continue;
            }

            // The exponent stays (the type's range), and a leading zero stays a zero.
            to[i] = inExponent ? b : (byte)('0' + (isFirst ? (b == '0' ? 0 : 1 + stream.Below(9)) : stream.Below(10)));
            isFirst = false;
        }

        output.Advance(value.Length);
        return MaskResult.Written;
    }

    private static MaskResult Uuid(ref KeyedStream stream, IBufferWriter<byte> output)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, stream.Next64());
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], stream.Next64());
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80); // RFC 9562: version 8, custom
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return Put(output, new Guid(bytes, bigEndian: true), "D");
    }

    private static MaskResult Timestamp(ref KeyedStream stream, ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        var fake = new DateTime(1950, 1, 1, 0, 0, 0, DateTimeKind.Unspecified).AddDays(stream.Below(36_525)).AddSeconds(stream.Below(86_400));
        Put(output, fake, "yyyy-MM-dd HH:mm:ss");
        int colon = value.IndexOf((byte)':');
        if (colon >= 0 && value[colon..].IndexOfAny((byte)'+', (byte)'-') >= 0)
            output.Write("+00"u8);
        return MaskResult.Written;
    }

    private static MaskResult Put<T>(IBufferWriter<byte> output, T value, string format)
        where T : IUtf8SpanFormattable
    {
        var to = output.GetSpan(64);
        if (!value.TryFormat(to, out int written, format, CultureInfo.InvariantCulture))
            throw new InvalidOperationException("64 bytes hold every value that is put here.");
        output.Advance(written);
        return MaskResult.Written;
    }

    private static MaskResult Put(IBufferWriter<byte> output, string ascii)
    {
        int written = Encoding.ASCII.GetBytes(ascii, output.GetSpan(ascii.Length));
        output.Advance(written);
        return MaskResult.Written;
    }
}
