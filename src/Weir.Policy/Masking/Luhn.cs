namespace Weir.Policy.Masking;

/// <summary>The check digit of payment cards (ISO/IEC 7812-1, annex B).</summary>
internal static class Luhn
{
    /// <summary>13 to 19 digits, apart from single blanks and hyphens nothing else, and the check holds.</summary>
    public static bool IsCardLike(ReadOnlySpan<byte> text) => MayBeCard(text) && Sum(text) % 10 == 0;

    /// <summary>The same without the check.</summary>
    public static bool MayBeCard(ReadOnlySpan<byte> text)
    {
        int digits = 0;
        foreach (byte b in text)
        {
            if (char.IsAsciiDigit((char)b))
                digits++;
            else if (b is not ((byte)' ' or (byte)'-'))
                return false;
        }

        return digits is >= 13 and <= 19;
    }

    /// <summary>The Luhn sum of the digits in the text; everything else is skipped.</summary>
    public static int Sum(ReadOnlySpan<byte> text)
    {
        int sum = 0;
        bool doubles = false;
        for (int i = text.Length - 1; i >= 0; i--)
        {
            int digit = text[i] - '0';
            if (digit is < 0 or > 9)
                continue;
            if (doubles)
                digit = digit > 4 ? (2 * digit) - 9 : 2 * digit;
            sum += digit;
            doubles = !doubles;
        }

        return sum;
    }

    /// <summary>Sets the last digit so that the check holds.</summary>
    public static void Fix(Span<byte> text)
    {
        int last = text.LastIndexOfAnyInRange((byte)'0', (byte)'9');
        if (last < 0)
            return;
        text[last] = (byte)'0';
        text[last] = (byte)('0' + ((10 - (Sum(text) % 10)) % 10));
    }
}
