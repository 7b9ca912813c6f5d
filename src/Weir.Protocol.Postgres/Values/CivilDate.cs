using System.Buffers;
using System.Buffers.Text;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Protocol.Postgres.Values;

/// <summary>Days since 2000-01-01 to and from <c>YYYY-MM-DD</c>, over PostgreSQL's whole range (4713 BC to 5874897 AD), which the framework's dates lack.</summary>
internal static class CivilDate
{
    // Days from 0000-03-01 to 2000-01-01. Years that start in March put the leap day at the end.
    private const long DaysToEpoch = 730_425;
    private const int DaysPerEra = 146_097; // 400 years

    private const int MaxYear = 5_874_897;

    /// <summary>Writes the date without its era; true when it is before Christ.</summary>
    internal static bool Write(long days, MessageWriter destination)
    {
        var shifted = days + DaysToEpoch;
        var era = Floor(shifted, DaysPerEra);
        var dayOfEra = (int)(shifted - (era * DaysPerEra));
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shiftedMonth = ((5 * dayOfYear) + 2) / 153;
        var day = dayOfYear - (((153 * shiftedMonth) + 2) / 5) + 1;
        var month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
        var year = yearOfEra + (era * 400) + (month <= 2 ? 1 : 0);

        // There is no year 0: 1 BC is followed by 1 AD.
        var isBeforeChrist = year <= 0;
        WritePadded(isBeforeChrist ? 1 - year : year, 4, destination);
        destination.WriteByte((byte)'-');
        WritePadded(month, 2, destination);
        destination.WriteByte((byte)'-');
        WritePadded(day, 2, destination);
        return isBeforeChrist;
    }

    /// <summary>Reads a date from the front of the text and moves behind it.</summary>
    internal static bool TryRead(ref ReadOnlySpan<byte> text, bool isBeforeChrist, out long days)
    {
        days = 0;
        if (!TryReadNumber(ref text, 4, 7, out var year) || !TrySkip(ref text, (byte)'-')
            || !TryReadNumber(ref text, 2, 2, out var month) || !TrySkip(ref text, (byte)'-')
            || !TryReadNumber(ref text, 2, 2, out var day)
            || year is < 1 or > MaxYear || month is < 1 or > 12 || day < 1)
        {
            return false;
        }

        if (isBeforeChrist)
        {
            if (year > 4713)
                return false;
            year = 1 - year;
        }

        if (day > DaysInMonth(year, month))
            return false;
        var shiftedYear = (long)year - (month <= 2 ? 1 : 0);
        var era = Floor(shiftedYear, 400);
        var yearOfEra = shiftedYear - (era * 400);
        var dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5) + day - 1;
        days = (era * DaysPerEra) + (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear - DaysToEpoch;
        return true;
    }

    internal static void WritePadded(long value, byte digits, MessageWriter destination)
    {
        Utf8Formatter.TryFormat(value, destination.GetSpan(20), out var written, new StandardFormat('D', digits));
        destination.Advance(written);
    }

    internal static bool TryReadNumber(ref ReadOnlySpan<byte> text, int minDigits, int maxDigits, out int value)
    {
        value = 0;
        var count = 0;
        while (count < text.Length && count < maxDigits && text[count] is >= (byte)'0' and <= (byte)'9')
            value = (value * 10) + text[count++] - '0';
        if (count < minDigits)
            return false;
        text = text[count..];
        return true;
    }

    internal static bool TrySkip(ref ReadOnlySpan<byte> text, byte expected)
    {
        if (text.IsEmpty || text[0] != expected)
            return false;
        text = text[1..];
        return true;
    }

    private static int DaysInMonth(int year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    private static long Floor(long value, int divisor) => (value >= 0 ? value : value - divisor + 1) / divisor;
}
