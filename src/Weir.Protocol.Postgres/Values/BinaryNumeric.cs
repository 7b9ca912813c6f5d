using System.Buffers.Text;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Values;

/// <summary>
/// numeric on the wire (numeric_send): digit count, weight, sign and display scale, two bytes each, then digits of base 10,000. The value
/// is sum(digit[i] * 10000^(weight - i)); the display scale is the number of decimals to print.
/// </summary>
internal static class BinaryNumeric
{
    private const ushort Positive = 0x0000;
    private const ushort Negative = 0x4000;
    private const ushort NaN = 0xc000;
    private const ushort PositiveInfinity = 0xd000;
    private const ushort NegativeInfinity = 0xf000;
    private const int MaxScale = 0x3fff;

    /// <summary>PostgreSQL's limit: up to 131,072 digits before the point and 16,383 behind it.</summary>
    private const int MaxTextLength = 131_072 + 16_383 + 2;

    internal static bool TryWriteText(ReadOnlySpan<byte> binary, MessageWriter destination)
    {
        if (binary.Length < 8)
            return false;
        var reader = new BodyReader(binary);
        var count = reader.ReadInt16();
        var weight = reader.ReadInt16();
        var sign = reader.ReadUInt16();
        var scale = reader.ReadUInt16();
        if (count < 0 || reader.Remaining != 2 * count || scale > MaxScale)
            return false;
        switch (sign)
        {
            case NaN:
                destination.WriteBytes("NaN"u8);
                return true;
            case PositiveInfinity:
                destination.WriteBytes("Infinity"u8);
                return true;
            case NegativeInfinity:
                destination.WriteBytes("-Infinity"u8);
                return true;
            case Positive:
                break;
            case Negative:
                destination.WriteByte((byte)'-');
                break;
            default:
                return false;
        }

        return WriteDigits(reader.Rest, weight, scale, destination);
    }

    internal static bool TryWriteBinary(ReadOnlySpan<byte> text, MessageWriter destination)
    {
        if (text.IsEmpty || text.Length > MaxTextLength)
            return false;
        if (text.SequenceEqual("NaN"u8))
            return WriteSpecial(NaN, destination);
        if (text.SequenceEqual("Infinity"u8))
            return WriteSpecial(PositiveInfinity, destination);
        if (text.SequenceEqual("-Infinity"u8))
            return WriteSpecial(NegativeInfinity, destination);
        var isNegative = text[0] == (byte)'-';
        if (isNegative || text[0] == (byte)'+')
            text = text[1..];

        var point = text.IndexOf((byte)'.');
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? [] : text[(point + 1)..];
        if (whole.Length + fraction.Length == 0
            || fraction.Length > MaxScale
            || whole.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        WriteGroups(isNegative, whole.TrimStart((byte)'0'), fraction, destination);
        return true;
    }

    private static bool WriteDigits(ReadOnlySpan<byte> digits, int weight, int scale, MessageWriter destination)
    {
        var count = digits.Length / 2;
        if (weight < 0)
            destination.WriteByte((byte)'0');
        for (var i = 0; i <= weight; i++)
        {
            if (!TryDigit(digits, i, count, out var digit))
                return false;
            if (i == 0)
                BinaryScalar.WriteInteger(digit, destination);
            else
                WriteFour(digit, 4, destination);
        }

        if (scale > 0)
            destination.WriteByte((byte)'.');
        for (var i = weight + 1; scale > 0; i++, scale -= 4)
        {
            if (!TryDigit(digits, i, count, out var digit))
                return false;
            WriteFour(digit, Math.Min(4, scale), destination);
        }

        return true;
    }

    private static bool TryDigit(ReadOnlySpan<byte> digits, int index, int count, out int digit)
    {
        digit = index >= 0 && index < count ? (digits[2 * index] << 8) | digits[(2 * index) + 1] : 0;
        return digit < 10_000;
    }

    private static void WriteFour(int digit, int length, MessageWriter destination)
    {
        var span = destination.GetSpan(4);
        Utf8Formatter.TryFormat(digit, span, out _, new System.Buffers.StandardFormat('D', 4));
        destination.Advance(length);
    }

    private static bool WriteSpecial(ushort sign, MessageWriter destination)
    {
        destination.WriteInt32(0);
        destination.WriteUInt16(sign);
        // numeric_send gives infinities a scale of 32 (a trace of its in-memory form), which numeric_recv ignores.
        destination.WriteUInt16(sign == NaN ? (ushort)0 : (ushort)32);
        return true;
    }

    private static void WriteGroups(bool isNegative, ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction, MessageWriter destination)
    {
        var wholeGroups = (whole.Length + 3) / 4;
        var groups = wholeGroups + ((fraction.Length + 3) / 4);

        // Leading and trailing zero groups are not sent; the weight says where the first one sent stands.
        var first = 0;
        while (first < groups && Group(whole, fraction, first, wholeGroups) == 0)
            first++;
        var last = groups;
        while (last > first && Group(whole, fraction, last - 1, wholeGroups) == 0)
            last--;
        var isZero = first == last;

        destination.WriteInt16((short)(last - first));
        destination.WriteInt16((short)(isZero ? 0 : wholeGroups - 1 - first));
        destination.WriteUInt16(isNegative && !isZero ? Negative : Positive);
        destination.WriteUInt16((ushort)fraction.Length);
        for (var i = first; i < last; i++)
            destination.WriteInt16((short)Group(whole, fraction, i, wholeGroups));
    }

    /// <summary>Group <paramref name="index"/> of four decimal digits, aligned at the decimal point.</summary>
    private static int Group(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction, int index, int wholeGroups)
    {
        var value = 0;
        if (index < wholeGroups)
        {
            var end = whole.Length - (4 * (wholeGroups - 1 - index));
            foreach (var digit in whole[Math.Max(0, end - 4)..end])
                value = (value * 10) + digit - '0';
            return value;
        }

        var start = 4 * (index - wholeGroups);
        for (var i = start; i < start + 4; i++)
            value = (value * 10) + (i < fraction.Length ? fraction[i] - '0' : 0);
        return value;
    }
}
