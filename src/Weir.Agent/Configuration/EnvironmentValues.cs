using System.Collections.Immutable;
using System.Globalization;

namespace Weir.Agent.Configuration;

/// <summary>Reads typed values from environment variables, collecting every fault, and remembers which keys are known.</summary>
internal sealed class EnvironmentValues(IReadOnlyDictionary<string, string> variables)
{
    private readonly HashSet<string> _known = [];
    private readonly List<string> _faults = [];

    public ImmutableArray<string> Faults => [.. _faults];

    public void Fault(string key, string message) => _faults.Add($"{key}: {message}");

    /// <summary>The value without surrounding white space; null when absent or empty.</summary>
    public string? Text(string key)
    {
        _known.Add(key);
        return variables.TryGetValue(key, out var value) && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
    }

    public string Required(string key, string what)
    {
        if (Text(key) is { } value)
            return value;
        Fault(key, $"is required: {what}");
        return "";
    }

    public bool Switch(string key, bool absent)
    {
        switch (Text(key)?.ToUpperInvariant())
        {
            case null:
                return absent;
            case "TRUE" or "1" or "ON" or "YES":
                return true;
            case "FALSE" or "0" or "OFF" or "NO":
                return false;
            default:
                Fault(key, "must be true or false");
                return absent;
        }
    }

    public long Number(string key, long absent, long least, long most)
    {
        if (Text(key) is not { } text)
            return absent;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Fault(key, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most}"));
        return absent;
    }

    public TimeSpan Seconds(string key, int absent, int least, int most) => TimeSpan.FromSeconds(Number(key, absent, least, most));

    public T Choice<T>(string key, T absent, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        if (Text(key) is not { } text)
            return absent;
        var names = new List<string>();
        foreach (var (name, value) in choices)
        {
            if (string.Equals(name, text, StringComparison.OrdinalIgnoreCase))
                return value;
            names.Add(name);
        }

        Fault(key, "must be one of " + string.Join(", ", names));
        return absent;
    }

    /// <summary>A readable file's path; null when absent.</summary>
    public string? ExistingFile(string key)
    {
        var path = Text(key);
        if (path is not null && !File.Exists(path))
            Fault(key, $"there is no file {path}");
        return path;
    }

    /// <summary>Every variable that starts with the prefix and that nobody asked for is a fault.</summary>
    public void RefuseUnknown(string prefix)
    {
        foreach (var key in variables.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal) && !_known.Contains(k)).Order(StringComparer.Ordinal))
            Fault(key, "is not a known key");
    }
}
