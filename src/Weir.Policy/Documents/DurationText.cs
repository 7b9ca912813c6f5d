using System.Globalization;
using System.Text;

namespace Weir.Policy.Documents;

/// <summary>Durations as documents write them: whole numbers with d, h, m, s, largest unit first, each at most once (<c>15m</c>, <c>1h30m</c>, <c>7d</c>).</summary>
public static class DurationText
{
    private const string Units = "dhms";

    /// <summary>Longest duration a document may name.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromDays(366);

    /// <summary>Reads a duration of more than nothing and at most <see cref="Longest"/>.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        long seconds = 0;
        int next = 0;
        int i = 0;
        if (text.Length is 0 or > 24)
            return false;

        while (i < text.Length)
        {
            int start = i;
            while (i < text.Length && char.IsAsciiDigit(text[i]))
                i++;
            if (i == start || i - start > 9 || i == text.Length)
                return false;
            int unit = Units.IndexOf(text[i], next);
            if (unit < 0)
                return false;
            seconds += long.Parse(text.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture) * SecondsOf(unit);
            next = unit + 1;
            i++;
        }

        if (seconds <= 0 || seconds > (long)Longest.TotalSeconds)
            return false;
        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>The shortest text that reads back as the same whole seconds.</summary>
    public static string Format(TimeSpan duration)
    {
        long seconds = (long)duration.TotalSeconds;
        var text = new StringBuilder();
        for (int unit = 0; unit < Units.Length; unit++)
        {
            long count = seconds / SecondsOf(unit);
            if (count > 0)
                text.Append(CultureInfo.InvariantCulture, $"{count}{Units[unit]}");
            seconds -= count * SecondsOf(unit);
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }

    private static long SecondsOf(int unit) => unit switch { 0 => 86_400, 1 => 3_600, 2 => 60, _ => 1 };
}
