using System.Text;
using System.Text.Json.Nodes;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary>One event of a recording as a line (or a few) for people.</summary>
internal static class ReplayText
{
    public static string Line(JsonNode item)
    {
        var text = new StringBuilder();
        text.Append(Printer.Text(item["at"])).Append("  ").Append(item["type"]?.ToString().PadRight(10)).Append("  ");
        switch (item["type"]?.ToString())
        {
            case "started":
                text.Append($"{item["principal"]} on {item["connection"]} from {item["clientAddress"]}");
                break;
            case "statement":
                text.Append($"#{item["statement"]} [{item["decision"]}] ").Append(Clean(Printer.Text(item["text"])));
                if (item["parameters"] is JsonArray { Count: > 0 } parameters)
                {
                    text.Append($"  ({Clean(Printer.Text(parameters))})");
                }

                foreach (var reason in item["reasons"] as JsonArray ?? [])
                {
                    text.Append($"\n{new string(' ', 34)}{Clean(Printer.Text(reason?["message"] ?? reason))}");
                }

                break;
            case "columns":
                text.Append($"#{item["statement"]} ").Append(Clean(string.Join(" | ", (item["columns"] as JsonArray ?? []).Select(c =>
                    Printer.Text(c?["name"]) + (Printer.Text(c?["maskedBy"]) is { Length: > 0 } rule ? $" (masked by {rule})" : "")))));
                break;
            case "rows":
                text.Append($"#{item["statement"]}");
                foreach (var row in item["rows"] as JsonArray ?? [])
                {
                    text.Append($"\n{new string(' ', 34)}").Append(Clean(string.Join(" | ", (row as JsonArray ?? []).Select(v => v is null ? "NULL" : Printer.Text(v)))));
                }

                break;
            case "finished":
                text.Append($"#{item["statement"]} {item["status"]} {item["commandTag"]}{item["errorMessage"]} ({item["rows"] ?? "?"} rows, {item["durationMs"]} ms)");
                break;
            case "review":
                text.Append($"#{item["statement"]} review {item["reviewId"]} {item["status"]} {item["decidedBy"]} {Clean(Printer.Text(item["comment"]))}");
                break;
            case "copy":
                text.Append($"#{item["statement"]} {item["direction"]} ").Append(Clean(Printer.Text(item["data"]).TrimEnd('\n')));
                break;
            case "notice":
                text.Append($"#{item["statement"]} {item["severity"]} {item["sqlState"]} {Clean(Printer.Text(item["message"]))}");
                break;
            case "ended":
                text.Append($"{item["reason"]} {Clean(Printer.Text(item["detail"]))}");
                break;
            default:
                text.Append(Clean(item.ToJsonString()));
                break;
        }

        return text.ToString().TrimEnd();
    }

    /// <summary>Recorded text is a stranger's text: no control characters reach the terminal.</summary>
    private static string Clean(string text) => new([.. text.Select(c => c == '\n' ? '\u21b5' : char.IsControl(c) ? ' ' : c)]);
}
