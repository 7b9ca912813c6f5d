using System.Globalization;

namespace Weir.WebConsole.Format;

/// <summary>How values are written for people.</summary>
internal static class Display
{
    public static string Exact(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>"3 min ago", "in 2 h"; days beyond a month are given as a date.</summary>
    public static string Relative(DateTimeOffset at, DateTimeOffset now)
    {
        var span = now - at;
        var length = span.Duration();
        if (length < TimeSpan.FromSeconds(10))
        {
            return span >= TimeSpan.Zero ? "just now" : "in a moment";
        }

        if (length >= TimeSpan.FromDays(30))
        {
            return at.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        }

        return span > TimeSpan.Zero ? $"{Rough(length)} ago" : $"in {Rough(length)}";
    }

    /// <summary>The largest unit only: "45 s", "12 min", "3 h", "2 d".</summary>
    public static string Rough(TimeSpan length) => length switch
    {
        { TotalSeconds: < 60 } => $"{(int)length.TotalSeconds} s",
        { TotalMinutes: < 60 } => $"{(int)length.TotalMinutes} min",
        { TotalHours: < 48 } => $"{(int)length.TotalHours} h",
        _ => $"{(int)length.TotalDays} d",
    };

    /// <summary>Nothing lost: "1 h 30 min", "15 min", "2 d".</summary>
    public static string Length(TimeSpan length)
    {
        var parts = new List<string>();
        Add((int)length.TotalDays, "d");
        Add(length.Hours, "h");
        Add(length.Minutes, "min");
        Add(length.Seconds, "s");
        return parts.Count == 0 ? "0 s" : string.Join(' ', parts);

        void Add(int count, string unit)
        {
            if (count > 0)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {unit}"));
            }
        }
    }

    /// <summary>Milliseconds, with as many digits as matter.</summary>
    public static string Milliseconds(double ms) => ms switch
    {
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{ms:0.00} ms"),
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{ms:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ms / 1000:0.0} s"),
    };

    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
        < 1024L * 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0.#} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024 * 1024):0.#} GiB"),
    };

    public static string Number(double number) => number.ToString("#,0.##", CultureInfo.InvariantCulture);

    /// <summary>Names of the API as words: <c>service_account</c> is "service account".</summary>
    public static string Words(string name) => name == "ai_agent" ? "AI agent" : name.Replace('_', ' ');

    /// <summary>Kinds of documents as words: <c>MaskingRule</c> is "masking rule".</summary>
    public static string Spaced(string kind) => string.Concat(kind.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : " ") + char.ToLowerInvariant(c) : c.ToString()));

    public static string Count(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:#,0} {(count == 1 ? one : many ?? one + "s")}");
}
