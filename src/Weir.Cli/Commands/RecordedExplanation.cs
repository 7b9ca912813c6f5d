using System.Text.Json.Nodes;
using Weir.Cli.Api;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary>Why a recorded statement was allowed, denied or held, and why its columns were masked: by which rule, and which layer found it.</summary>
internal static class RecordedExplanation
{
    /// <param name="session">Id of the session.</param>
    /// <param name="number">Number of the statement in it, from 1.</param>
    /// <exception cref="CommandFailure">There is no such statement.</exception>
    public static async Task<JsonObject> ReadAsync(ApiClient api, string session, long number, CancellationToken cancellationToken)
    {
        var path = $"api/v1/sessions/{Uri.EscapeDataString(session)}";
        var page = await api.GetAsync($"{path}?afterStatement={number - 1}&limit=1", cancellationToken);
        if (page["statements"]?.AsArray() is not [{ } statement] || statement["sequence"]!.GetValue<long>() != number)
        {
            throw new CommandFailure($"session {session} has no statement {number}");
        }

        var masked = new JsonArray();
        var events = await api.ListAsync($"{path}/replay", int.MaxValue, cancellationToken);
        foreach (var columns in events.Where(e => e!["type"]?.ToString() == "columns" && e["statement"]?.GetValue<long>() == number))
        {
            foreach (var column in columns!["columns"]!.AsArray().Where(c => c!["maskedBy"] is not null))
            {
                masked.Add((JsonNode)new JsonObject { ["column"] = column!["name"]!.DeepClone(), ["rule"] = column["maskedBy"]!.DeepClone(), ["because"] = column["maskedBecause"]?.DeepClone() });
            }
        }

        return new JsonObject
        {
            ["id"] = statement["id"]!.DeepClone(),
            ["principal"] = page["principal"]?.DeepClone(),
            ["connection"] = page["connection"]?.DeepClone(),
            ["text"] = statement["text"]?.DeepClone(),
            ["decision"] = statement["decision"]?.DeepClone(),
            ["reasons"] = statement["reasons"]?.DeepClone(),
            ["effects"] = statement["effects"]?.DeepClone(),
            ["relations"] = statement["relations"]?.DeepClone(),
            ["reviewId"] = statement["reviewId"]?.DeepClone(),
            ["status"] = statement["status"]?.DeepClone(),
            ["sqlState"] = statement["sqlState"]?.DeepClone(),
            ["masked"] = masked,
        };
    }

    public static void PrintForPeople(TextWriter output, JsonObject found)
    {
        output.WriteLine(TerminalText.OneLine(Printer.Text(found["text"])));
        foreach (var key in new[] { "principal", "connection", "decision", "status", "sqlState", "effects", "relations", "reviewId" })
        {
            if (found[key] is { } value and not JsonArray { Count: 0 })
            {
                output.WriteLine($"  {key,-12} {TerminalText.OneLine(Printer.Text(value))}");
            }
        }

        foreach (var reason in found["reasons"] as JsonArray ?? [])
        {
            output.WriteLine($"  {reason!["verdict"]} by {reason["source"]} \"{TerminalText.OneLine(Printer.Text(reason["rule"]))}\": {TerminalText.OneLine(Printer.Text(reason["message"]))}");
        }

        foreach (var column in found["masked"]!.AsArray())
        {
            output.WriteLine($"  column {TerminalText.OneLine(Printer.Text(column!["column"]))} masked by \"{TerminalText.OneLine(Printer.Text(column["rule"]))}\" ({Printer.Text(column["because"])})");
        }
    }
}
