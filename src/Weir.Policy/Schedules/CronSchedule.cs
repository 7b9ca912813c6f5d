using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Weir.Policy.Schedules;

/// <summary>
/// Minutes of the week and year as five cron fields (minute, hour, day of month, month, day of week; UTC): numbers, <c>*</c>, ranges,
/// lists and steps; 0 and 7 are Sunday. As in cron, when both day fields are restricted either may match.
/// </summary>
public sealed class CronSchedule
{
    private static readonly (int Min, int Max, string Name)[] Fields =
        [(0, 59, "minute"), (0, 23, "hour"), (1, 31, "day of month"), (1, 12, "month"), (0, 7, "day of week")];

    private readonly ulong[] _sets;
    private readonly bool _anyDayOfMonth;
    private readonly bool _anyDayOfWeek;

    private CronSchedule(string text, ulong[] sets, bool anyDayOfMonth, bool anyDayOfWeek)
    {
        Text = text;
        _sets = sets;
        _anyDayOfMonth = anyDayOfMonth;
        _anyDayOfWeek = anyDayOfWeek;
    }

    public string Text { get; }

    /// <summary>The minute that contains the instant belongs to the schedule.</summary>
    public bool Contains(DateTimeOffset at)
    {
        var utc = at.UtcDateTime;
        if (!Has(0, utc.Minute) || !Has(1, utc.Hour) || !Has(3, utc.Month))
            return false;
        bool dayOfMonth = Has(2, utc.Day);
        bool dayOfWeek = Has(4, (int)utc.DayOfWeek);
        return _anyDayOfMonth || _anyDayOfWeek ? dayOfMonth && dayOfWeek : dayOfMonth || dayOfWeek;
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out CronSchedule? schedule, [NotNullWhen(false)] out string? fault)
    {
        schedule = null;
        string[] fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (text.Length > 200 || fields.Length != Fields.Length)
        {
            fault = "a schedule has five fields: minute hour day-of-month month day-of-week";
            return false;
        }

        var sets = new ulong[Fields.Length];
        for (int i = 0; i < Fields.Length; i++)
        {
            var (min, max, name) = Fields[i];
            if (!TryReadField(fields[i], min, max, out sets[i]))
            {
                fault = $"the {name} '{fields[i]}' is not a number, range, list or step between {min} and {max}";
                return false;
            }
        }

        if ((sets[4] & (1UL << 7)) != 0)
            sets[4] |= 1;
        schedule = new CronSchedule(text, sets, fields[2].StartsWith('*'), fields[4].StartsWith('*'));
        fault = null;
        return true;
    }

    private bool Has(int field, int value) => (_sets[field] & (1UL << value)) != 0;

    private static bool TryReadField(string field, int min, int max, out ulong set)
    {
        set = 0;
        foreach (string item in field.Split(','))
        {
            string range = item;
            int step = 1;
            int slash = item.IndexOf('/', StringComparison.Ordinal);
            if (slash >= 0)
            {
                if (!TryReadNumber(item.AsSpan(slash + 1), out step) || step < 1 || step > max)
                    return false;
                range = item[..slash];
            }

            int from = min;
            int to = max;
            if (range != "*")
            {
                int dash = range.IndexOf('-', StringComparison.Ordinal);
                if (!TryReadNumber(dash < 0 ? range : range.AsSpan(0, dash), out from))
                    return false;
                if (dash >= 0)
                {
                    if (!TryReadNumber(range.AsSpan(dash + 1), out to))
                        return false;
                }
                else if (slash < 0)
                {
                    to = from;
                }
            }

            if (from < min || to > max || from > to)
                return false;
            for (int value = from; value <= to; value += step)
                set |= 1UL << value;
        }

        return true;
    }

    private static bool TryReadNumber(ReadOnlySpan<char> text, out int value)
    {
        value = 0;
        return text.Length is 1 or 2 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
