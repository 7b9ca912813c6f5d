using System.Collections.Immutable;
using System.Text.Json;

namespace Weir.Policy.Documents.Reading;

/// <summary>
/// Reads the fields of one JSON object and notes everything that is wrong. It knows which fields were asked for, so that
/// <see cref="RejectUnknown"/> can name the rest. After a fault the values it returns are placeholders: nothing of the document is used then.
/// </summary>
internal sealed class FieldReader
{
    /// <summary>Most entries of a list or map.</summary>
    public const int MaxEntries = 1_000;

    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly List<string> _asked = [];
    private readonly ImmutableArray<DocumentFault>.Builder _faults;

    public FieldReader(JsonElement element, string path, ImmutableArray<DocumentFault>.Builder faults)
    {
        Path = path;
        _faults = faults;
        if (element.ValueKind != JsonValueKind.Object)
        {
            Fault(path, $"is {Describe(element)} where an object is expected");
            return;
        }

        foreach (var property in element.EnumerateObject())
        {
            if (!_fields.TryAdd(property.Name, property.Value))
                Fault(At(property.Name), "is given twice");
        }
    }

    public string Path { get; }

    public ImmutableArray<DocumentFault>.Builder Faults => _faults;

    public string At(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    public void Fault(string path, string message) => _faults.Add(new DocumentFault(path, message));

    /// <summary>True when the field is there and not null.</summary>
    public bool TryGet(string name, out JsonElement value)
    {
        _asked.Add(name);
        return _fields.TryGetValue(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    public FieldReader? Object(string name) => TryGet(name, out var value) ? new FieldReader(value, At(name), _faults) : null;

    public string? String(string name, int maxLength = 500)
    {
        if (!TryGet(name, out var value))
            return null;
        return ReadString(value, At(name), maxLength);
    }

    public string RequiredString(string name, string meaning, int maxLength = 500)
    {
        if (TryGet(name, out var value))
            return ReadString(value, At(name), maxLength) ?? "";
        Fault(At(name), $"is missing: {meaning}");
        return "";
    }

    public bool Boolean(string name)
    {
        if (!TryGet(name, out var value))
            return false;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Fault(At(name), $"is {Describe(value)} where true or false is expected");
        return false;
    }

    public long? Integer(string name, long min, long max)
    {
        if (!TryGet(name, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= min && number <= max)
            return number;
        Fault(At(name), $"is {Describe(value)} where a whole number from {min} to {max} is expected");
        return null;
    }

    public TimeSpan? Duration(string name)
    {
        if (String(name) is not { } text)
            return null;
        if (DurationText.TryParse(text, out var duration))
            return duration;
        Fault(At(name), $"'{Shorten(text)}' is not a duration: write 15m, 4h, 1h30m or 7d (at most {DurationText.Format(DurationText.Longest)})");
        return null;
    }

    /// <summary>A duration up to <paramref name="most"/>, or <c>none</c> for zero.</summary>
    public TimeSpan? Window(string name, TimeSpan most)
    {
        if (String(name) is not { } text)
            return null;
        if (text == "none")
            return TimeSpan.Zero;
        if (DurationText.TryParse(text, out var duration) && duration <= most)
            return duration;
        Fault(At(name), $"'{Shorten(text)}' is no time of at most {DurationText.Format(most)}: write 15m or 1h, or none");
        return null;
    }

    public T? Enum<T>(string name, EnumNames<T> names)
        where T : struct, Enum
        => String(name) is { } text ? ParseEnum(At(name), text, names) : null;

    public ImmutableArray<T> EnumList<T>(string name, EnumNames<T> names)
        where T : struct, Enum
    {
        var list = ImmutableArray.CreateBuilder<T>();
        foreach (var (path, text) in Strings(name))
        {
            if (ParseEnum(path, text, names) is { } value && !list.Contains(value))
                list.Add(value);
        }

        return list.ToImmutable();
    }

    public ImmutableArray<string> StringList(string name) => [.. Strings(name).Select(s => s.Text)];

    /// <summary>The entries of a list of strings with their paths; a single string counts as a list of one.</summary>
    public IEnumerable<(string Path, string Text)> Strings(string name)
    {
        if (!TryGet(name, out var value))
            return [];
        if (value.ValueKind == JsonValueKind.String)
            return ReadString(value, At(name), 500) is { } single ? [(At(name), single)] : [];
        if (value.ValueKind != JsonValueKind.Array)
        {
            Fault(At(name), $"is {Describe(value)} where a list of strings is expected");
            return [];
        }

        if (value.GetArrayLength() > MaxEntries)
        {
            Fault(At(name), $"has more than {MaxEntries} entries");
            return [];
        }

        var list = new List<(string, string)>();
        int index = 0;
        foreach (var entry in value.EnumerateArray())
        {
            string path = $"{At(name)}[{index++}]";
            if (ReadString(entry, path, 500) is { } text)
                list.Add((path, text));
        }

        return list;
    }

    public ImmutableSortedDictionary<string, string> StringMap(string name)
    {
        var map = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (!TryGet(name, out var value))
            return map.ToImmutable();
        if (value.ValueKind != JsonValueKind.Object)
        {
            Fault(At(name), $"is {Describe(value)} where an object is expected");
            return map.ToImmutable();
        }

        foreach (var property in value.EnumerateObject())
        {
            string path = $"{At(name)}.{Shorten(property.Name)}";
            if (map.Count == MaxEntries)
            {
                Fault(At(name), $"has more than {MaxEntries} entries");
                break;
            }

            if (property.Name.Length is 0 or > 200)
                Fault(path, "a name here has 1 to 200 characters");
            else if (map.ContainsKey(property.Name))
                Fault(path, "is given twice");
            else if (ReadString(property.Value, path, 200) is { } text)
                map.Add(property.Name, text);
        }

        return map.ToImmutable();
    }

    public T? ParseEnum<T>(string path, string text, EnumNames<T> names)
        where T : struct, Enum
    {
        if (names.TryParse(text, out var value))
            return value;
        Fault(path, $"unknown value '{Shorten(text)}': one of {names.All}");
        return null;
    }

    /// <summary>Names every field that nobody asked for.</summary>
    public void RejectUnknown()
    {
        foreach (string name in _fields.Keys)
        {
            if (!_asked.Contains(name))
                Fault(At(Shorten(name)), $"unknown key '{Shorten(name)}': known here are {string.Join(", ", _asked.Distinct())}");
        }
    }

    /// <summary>User text in messages: short, and without control characters.</summary>
    public static string Shorten(string text)
    {
        string head = text.Length <= 60 ? text : text[..57] + "...";
        return string.Create(head.Length, head, static (to, from) =>
        {
            for (int i = 0; i < to.Length; i++)
                to[i] = char.IsControl(from[i]) ? '?' : from[i];
        });
    }

    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => $"'{Shorten(value.GetString() ?? "")}'",
        JsonValueKind.Number => Shorten(value.GetRawText()),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "nothing",
    };

    private string? ReadString(JsonElement value, string path, int maxLength)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            string hint = value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? " (put it in quotes)" : "";
            Fault(path, $"is {Describe(value)} where a string is expected{hint}");
            return null;
        }

        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate escape has no UTF-16 form to give back.
            Fault(path, "holds characters that are not Unicode");
            return null;
        }

        if (text.Length == 0)
            Fault(path, "is empty");
        else if (text.Length > maxLength)
            Fault(path, $"is longer than {maxLength} characters");
        else if (text.Contains('\0', StringComparison.Ordinal))
            Fault(path, "holds a NUL character");
        return text;
    }
}
