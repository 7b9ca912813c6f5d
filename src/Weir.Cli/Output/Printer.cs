using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.Cli.Documents;

namespace Weir.Cli.Output;

/// <summary>Prints what the API answered: as JSON or YAML whole, or as a table of chosen keys.</summary>
internal static class Printer
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="columns">Keys shown in a table; a dotted key reaches into an object.</param>
    public static void List(TextWriter output, OutputFormat format, JsonArray items, params string[] columns)
    {
        switch (format)
        {
            case OutputFormat.Json:
                output.WriteLine(items.ToJsonString(Indented));
                break;
            case OutputFormat.Yaml:
                output.Write(YamlText.Write(items));
                break;
            default:
                Table(output, items, columns);
                break;
        }
    }

    /// <summary>One object; as a table, a line for each of the keys that it has.</summary>
    public static void Object(TextWriter output, OutputFormat format, JsonNode item, params string[] keys)
    {
        switch (format)
        {
            case OutputFormat.Json:
                output.WriteLine(item.ToJsonString(Indented));
                break;
            case OutputFormat.Yaml:
                output.Write(YamlText.Write(item));
                break;
            default:
                var width = keys.Length == 0 ? 0 : keys.Max(k => k.Length);
                foreach (var key in keys)
                {
                    if (Find(item, key) is { } value)
                    {
                        output.WriteLine($"{key.PadRight(width)}  {TerminalText.Clean(Text(value))}");
                    }
                }

                break;
        }
    }

    public static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonArray list when list.All(i => i is JsonValue) => string.Join(", ", list.Select(Text)),
        JsonObject or JsonArray => value.ToJsonString(Relaxed),
        JsonValue scalar when scalar.TryGetValue<string>(out var text) => Time(text) ?? text,
        _ => value.ToString(),
    };

    private static string? Time(string text) =>
        text.Length is >= 20 and <= 33 && text[4] == '-' && text[10] == 'T'
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : null;

    private static JsonNode? Find(JsonNode? node, string key)
    {
        foreach (var part in key.Split('.'))
        {
            node = (node as JsonObject)?[part];
        }

        return node;
    }

    private static void Table(TextWriter output, JsonArray items, string[] columns)
    {
        if (items.Count == 0)
        {
            output.WriteLine("(none)");
            return;
        }

        const int longest = 80;
        var rows = items.Select(item => columns.Select(c => OneLine(Text(Find(item, c)), longest)).ToArray()).ToArray();
        var widths = columns.Select((c, i) => Math.Max(c.Length, rows.Max(r => r[i].Length))).ToArray();
        output.WriteLine(Row(columns.Select(Heading), widths));
        foreach (var row in rows)
        {
            output.WriteLine(Row(row, widths));
        }
    }

    private static string Heading(string column) => string.Concat(
        column.Select((c, i) => char.IsUpper(c) && i > 0 ? " " + c : c == '.' ? " " : char.ToUpperInvariant(c).ToString())).ToUpperInvariant();

    private static string Row(IEnumerable<string> cells, int[] widths) =>
        string.Join("  ", cells.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd();

    private static string OneLine(string text, int longest)
    {
        var clean = TerminalText.OneLine(text.Length > longest ? text[..longest] : text);
        return text.Length > longest ? clean[..(longest - 1)] + "…" : clean;
    }
}
