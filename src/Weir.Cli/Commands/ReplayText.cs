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
                text.Append(TerminalText.OneLine($"{item["principal"]} on {item["connection"]} from {item["clientAddress"]}"));
                break;
            case "statement":
                text.Append($"#{item["statement"]} [{item["decision"]}] ").Append(TerminalText.OneLine(Printer.Text(item["text"])));
                if (item["parameters"] is JsonArray { Count: > 0 } parameters)
                {
                    text.Append($"  ({TerminalText.OneLine(Printer.Text(parameters))})");
                }

                foreach (var reason in item["reasons"] as JsonArray ?? [])
                {
                    text.Append($"\n{new string(' ', 34)}{TerminalText.OneLine(Printer.Text(reason?["message"] ?? reason))}");
                }

                break;
            case "columns":
                text.Append($"#{item["statement"]} ").Append(TerminalText.OneLine(string.Join(" | ", (item["columns"] as JsonArray ?? []).Select(c =>
                    Printer.Text(c?["name"]) + (Printer.Text(c?["maskedBy"]) is { Length: > 0 } rule ? $" (masked by {rule})" : "")))));
                break;
            case "rows":
                text.Append($"#{item["statement"]}");
                foreach (var row in item["rows"] as JsonArray ?? [])
                {
                    text.Append($"\n{new string(' ', 34)}").Append(TerminalText.OneLine(string.Join(" | ", (row as JsonArray ?? []).Select(v => v is null ? "NULL" : Printer.Text(v)))));
                }

                break;
            case "finished":
                text.Append($"#{item["statement"]} {item["status"]} {item["commandTag"]}{TerminalText.OneLine(Printer.Text(item["errorMessage"]))} ({item["rows"] ?? "?"} rows, {item["durationMs"]} ms)");
                break;
            case "review":
                text.Append($"#{item["statement"]} review {item["reviewId"]} {item["status"]} {item["decidedBy"]} {TerminalText.OneLine(Printer.Text(item["comment"]))}");
                break;
            case "copy":
                text.Append($"#{item["statement"]} {item["direction"]} ").Append(TerminalText.OneLine(Printer.Text(item["data"]).TrimEnd('\n')));
                break;
            case "notice":
                text.Append($"#{item["statement"]} {item["severity"]} {item["sqlState"]} {TerminalText.OneLine(Printer.Text(item["message"]))}");
                break;
            case "ended":
                text.Append($"{item["reason"]} {TerminalText.OneLine(Printer.Text(item["detail"]))}");
                break;
            default:
                text.Append(TerminalText.OneLine(item.ToJsonString()));
                break;
        }

        return text.ToString().TrimEnd();
    }
}
