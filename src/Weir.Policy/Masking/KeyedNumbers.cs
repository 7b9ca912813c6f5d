using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace Weir.Policy.Masking;

/// <summary>Fakes of numbers: as many digits as the value has, nothing but zero is zero, and different values have different fakes.</summary>
internal static class KeyedNumbers
{
    /// <summary>Where the range of an integer type ends (smallint, integer, oid, bigint): a fake stays on the value's side of each.</summary>
    private static readonly ulong[] Ends = [(ulong)short.MaxValue, int.MaxValue, uint.MaxValue, long.MaxValue];

    public static MaskResult Integer(byte[] key, ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        if (!Utf8Parser.TryParse(value, out long number, out int used) || used != value.Length)
            return FixedValues.Write(value, ValueKind.Integer, output);
        bool isNegative = number < 0;
        ulong magnitude = isNegative ? (ulong)-(number + 1) + 1 : (ulong)number;
        if (magnitude == 0)
        {
            // Zero is a value like others, but no value may become it: a CHECK (x > 0) holds for fakes of what it held for.
            output.Write([(byte)('1' + KeyedValues.Pick(key, "0"u8, 9))]);
            return MaskResult.Written;
        }

        Span<byte> digits = stackalloc byte[20];
        Span<byte> radices = stackalloc byte[20];
        int width = 0;
        ulong low = 1;
        for (ulong rest = magnitude; rest > 0; rest /= 10)
        {
            width++;
            low = width == 1 ? 1 : low * 10;
        }

        ulong high = width >= 20 ? ulong.MaxValue : (low * 10) - 1;
        foreach (ulong last in Ends)
        {
            ulong end = last + (isNegative ? 1UL : 0UL);
            if (magnitude > end)
                low = Math.Max(low, end + 1);
            else
                high = Math.Min(high, end);
        }

        radices[..width].Fill(10);
        Span<byte> tweak = stackalloc byte[KeyedPermutation.TweakLength];
        KeyedPermutation.Tweak(key, [(byte)'i', (byte)(isNegative ? '-' : '+'), (byte)width], tweak);
        do
        {
            for (int i = width - 1; i >= 0; i--, magnitude /= 10)
                digits[i] = (byte)(magnitude % 10);
            KeyedPermutation.Apply(key, tweak, radices[..width], digits[..width]);
            magnitude = 0;
            foreach (byte digit in digits[..width])
                magnitude = (magnitude * 10) + digit;
        }
        while (magnitude < low || magnitude > high);

        if (isNegative)
            output.Write("-"u8);
        var to = output.GetSpan(24);
        magnitude.TryFormat(to, out int written, "D", CultureInfo.InvariantCulture);
        output.Advance(written);
        return MaskResult.Written;
    }

    public static MaskResult Decimal(byte[] key, ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        byte[] space = ArrayPool<byte>.Shared.Rent(3 * Math.Max(value.Length, 1));
        try
        {
            return Decimal(key, value, space.AsSpan(0, value.Length), space.AsSpan(value.Length, value.Length), space.AsSpan(2 * value.Length, value.Length), output);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(space, clearArray: true);
        }
    }

    private static MaskResult Decimal(byte[] key, ReadOnlySpan<byte> value, Span<byte> form, Span<byte> radices, Span<byte> digits, IBufferWriter<byte> output)
    {
        int places = 0;
        bool inExponent = false;
        bool isZero = true;
        bool hasDigits = false;
        for (int i = 0; i < value.Length; i++)
        {
            byte b = value[i];
            inExponent |= b is (byte)'e' or (byte)'E';
            form[i] = b;
            if (!char.IsAsciiDigit((char)b))
            {
                if (b is not ((byte)'-' or (byte)'+' or (byte)'.' or (byte)'e' or (byte)'E'))
                    return FixedValues.Write(value, ValueKind.Decimal, output); // NaN, Infinity
                continue;
            }

            // The exponent stays (the type's range), and a leading zero stays a zero.
            if (!inExponent && (hasDigits || b != '0'))
            {
                form[i] = hasDigits ? (byte)'d' : (byte)'f';
                radices[places] = 10;
                digits[places++] = (byte)(b - '0');
                isZero &= b == '0';
            }

            hasDigits |= !inExponent;
        }

        Span<byte> tweak = stackalloc byte[KeyedPermutation.TweakLength];
        KeyedPermutation.Tweak(key, form, tweak);
        bool isLed = form.Contains((byte)'f');
        do
        {
            KeyedPermutation.Apply(key, tweak, radices[..places], digits[..places]);
        }
        while (places > 0 && ((isLed && digits[0] == 0) || (!isZero && !digits[..places].ContainsAnyExcept((byte)0))));

        int place = 0;
        foreach (ref byte b in form)
        {
            if (b is (byte)'d' or (byte)'f')
                b = (byte)('0' + digits[place++]);
        }

        output.Write(form);
        return MaskResult.Written;
    }
}
