using System.Buffers;
using System.Globalization;
using System.Text;

namespace Weir.Policy.Masking;

/// <summary>
/// Fakes of dates and times in ISO style. A date up to 2019 becomes another from 1900 on (an older one another before that), a later one another of its
/// year: what lay in the past still does. Different values have different fakes. Values in another style become some date or the fixed time.
/// </summary>
internal static class KeyedTimes
{
    private static readonly int From1900 = new DateOnly(1900, 1, 1).DayNumber;
    private static readonly int From2020 = new DateOnly(2020, 1, 1).DayNumber;

    public static MaskResult Date(byte[] key, ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        if (value.Length == 10 && TryReadDate(value, out var date))
            return Put(output, Fake(key, "d"u8, date));
        return Put(output, Other(key, value));
    }

    public static MaskResult Timestamp(byte[] key, ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        if (value.Length < 19 || value[10] is not ((byte)' ' or (byte)'T') || !TryReadDate(value[..10], out var date)
            || !TryReadTime(value[11..], out int seconds, out var fraction, out int? offset))
        {
            Put(output, Other(key, value));
            int colon = value.IndexOf((byte)':');
            output.Write(colon >= 0 && value[colon..].IndexOfAny((byte)'+', (byte)'-') >= 0 ? " 00:00:00+00"u8 : " 00:00:00"u8);
            return MaskResult.Written;
        }

        // The same moment in another zone has the same fake.
        seconds -= offset ?? 0;
        date = date.AddDays((int)Math.Floor(seconds / 86_400d));
        seconds = ((seconds % 86_400) + 86_400) % 86_400;
        Span<byte> time = stackalloc byte[16];
        int length = FakeTime(key, seconds, fraction, time);
        Put(output, Fake(key, time[..length], date));
        output.Write(" "u8);
        output.Write(time[..length]);
        if (offset is not null)
            output.Write("+00"u8);
        return MaskResult.Written;
    }

    public static MaskResult Time(byte[] key, ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        if (!TryReadTime(value, out int seconds, out var fraction, out int? offset) || offset is not null)
            return FixedValues.Write(value, ValueKind.Time, output);
        Span<byte> time = stackalloc byte[16];
        output.Write(time[..FakeTime(key, seconds, fraction, time)]);
        return MaskResult.Written;
    }

    private static DateOnly Fake(byte[] key, ReadOnlySpan<byte> form, DateOnly date)
    {
        Span<byte> tweak = stackalloc byte[KeyedPermutation.TweakLength];
        KeyedPermutation.Tweak(key, form, tweak);
        int day = date.DayNumber;
        int first = day < From1900 ? 0 : day < From2020 ? From1900 : new DateOnly(date.Year, 1, 1).DayNumber;
        int days = day < From1900 ? From1900 : day < From2020 ? From2020 - From1900 : DateTime.IsLeapYear(date.Year) ? 366 : 365;
        return DateOnly.FromDayNumber(first + KeyedPermutation.Below(key, tweak, days, day - first));
    }

    private static DateOnly Other(byte[] key, ReadOnlySpan<byte> value) => DateOnly.FromDayNumber(From1900 + KeyedValues.Pick(key, value, From2020 - From1900));

    private static int FakeTime(byte[] key, int seconds, ReadOnlySpan<byte> fraction, Span<byte> to)
    {
        Span<byte> tweak = stackalloc byte[KeyedPermutation.TweakLength];
        KeyedPermutation.Tweak(key, [(byte)'t', (byte)fraction.Length], tweak);
        int fake = KeyedPermutation.Below(key, tweak, 86_400, seconds);
        new TimeOnly(fake / 3600, fake / 60 % 60, fake % 60).TryFormat(to, out int length, "HH:mm:ss", CultureInfo.InvariantCulture);
        if (fraction.IsEmpty)
            return length;

        Span<byte> radices = stackalloc byte[6];
        Span<byte> digits = stackalloc byte[6];
        radices.Fill(10);
        for (int i = 0; i < fraction.Length; i++)
            digits[i] = (byte)(fraction[i] - '0');
        KeyedPermutation.Tweak(key, to[..length], tweak);
        bool endsInZero = digits[fraction.Length - 1] == 0;
        do
        {
            KeyedPermutation.Apply(key, tweak, radices[..fraction.Length], digits[..fraction.Length]);
        }
        while (!endsInZero && digits[fraction.Length - 1] == 0);
        to[length++] = (byte)'.';
        foreach (byte digit in digits[..fraction.Length])
            to[length++] = (byte)('0' + digit);
        return length;
    }

    private static bool TryReadDate(ReadOnlySpan<byte> text, out DateOnly date)
    {
        Span<char> chars = stackalloc char[10];
        Encoding.ASCII.GetChars(text, chars);
        return DateOnly.TryParseExact(chars, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date) && date.Year is > 1 and < 9999;
    }

    // hh:mm:ss[.ffffff][±hh[:mm[:ss]]]
    private static bool TryReadTime(ReadOnlySpan<byte> text, out int seconds, out ReadOnlySpan<byte> fraction, out int? offset)
    {
        seconds = 0;
        fraction = default;
        offset = null;
        if (text.Length < 8 || !TryReadClock(text[..8], out seconds) || seconds >= 86_400)
            return false;
        text = text[8..];
        if (!text.IsEmpty && text[0] == '.')
        {
            int digits = text[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            fraction = digits < 0 ? text[1..] : text.Slice(1, digits);
            if (fraction.Length is 0 or > 6)
                return false;
            text = text[(1 + fraction.Length)..];
        }

        if (text.IsEmpty)
            return true;
        if (text[0] is not ((byte)'+' or (byte)'-') || !TryReadClock(text[1..], out int zone))
            return false;
        offset = text[0] == '-' ? -zone : zone;
        return true;
    }

    private static bool TryReadClock(ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        if (text.Length is not (2 or 5 or 8))
            return false;
        int unit = 3600;
        for (int i = 0; i < text.Length; i += 3, unit /= 60)
        {
            if (!char.IsAsciiDigit((char)text[i]) || !char.IsAsciiDigit((char)text[i + 1]) || (i + 2 < text.Length && text[i + 2] != ':'))
                return false;
            seconds += unit * ((10 * (text[i] - '0')) + text[i + 1] - '0');
        }

        return true;
    }

    private static MaskResult Put(IBufferWriter<byte> output, DateOnly date)
    {
        date.TryFormat(output.GetSpan(16), out int written, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        output.Advance(written);
        return MaskResult.Written;
    }
}
