using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir sessions</c>: who did what.</summary>
internal static class SessionCommands
{
    public static Command Create(CommandContext context) => new("sessions", "Sessions: who did what")
    {
        CreateList(context), CreateShow(context), CreateReplay(context),
        ResourceAction.CreateWatch(context, "Follow a live session", "api/v1/sessions/{0}/watch", takesId: true, ReplayText.Line),
        ResourceAction.Create(context, "kill", "End a live session", "sessions", "kill", "killed", "reason"),
        CreateExport(context),
    };

    private static Command CreateList(CommandContext context)
    {
        var principal = new Option<string?>("--principal");
        var connection = new Option<string?>("--connection");
        var live = new Option<bool>("--live") { Description = "only those that are open now" };
        var limit = new Option<int>("--limit") { Description = "how many, newest first", DefaultValueFactory = _ => 50 };
        var output = OutputOption.Create();
        var command = new Command("list", "List sessions, newest first") { principal, connection, live, limit, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var query = new List<string>();
            Add(query, "principal", parsed.GetValue(principal));
            Add(query, "connection", parsed.GetValue(connection));
            Add(query, "live", parsed.GetValue(live) ? "true" : null);
            var path = "api/v1/sessions" + (query.Count > 0 ? "?" + string.Join('&', query) : "");
            var items = await api.ListAsync(path, parsed.GetValue(limit), cancellationToken);
            Printer.List(context.Output, parsed.GetValue(output), items, "id", "principal", "connection", "status", "startedAt", "endedAt", "statementCount", "deniedCount");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateShow(CommandContext context)
    {
        var id = new Argument<string>("id");
        var output = OutputOption.Create();
        var command = new Command("show", "Show a session with its statements") { id, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var session = await ReadAsync(api, parsed.GetValue(id)!, cancellationToken);
            var format = parsed.GetValue(output);
            if (format == OutputFormat.Table)
            {
                Printer.Object(context.Output, format, session, "id", "principal", "connection", "clientAddress", "status", "startedAt", "endedAt", "endReason", "context");
                await context.Output.WriteLineAsync();
                Printer.List(context.Output, format, session["statements"]?.DeepClone() as JsonArray ?? [], "sequence", "decision", "status", "rows", "durationMs", "sqlState", "text");
            }
            else
            {
                Printer.Object(context.Output, format, session);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>The session with all of its statements, which come in pages.</summary>
    private static async Task<JsonNode> ReadAsync(Api.ApiClient api, string id, CancellationToken cancellationToken)
    {
        var path = $"api/v1/sessions/{Uri.EscapeDataString(id)}";
        var session = await api.GetAsync(path, cancellationToken);
        var next = session["nextStatement"];
        while (next is not null && session["statements"] is JsonArray statements)
        {
            var page = await api.GetAsync($"{path}?afterStatement={next}", cancellationToken);
            foreach (var statement in page["statements"] as JsonArray ?? [])
            {
                statements.Add(statement?.DeepClone());
            }

            next = page["nextStatement"];
        }

        (session as JsonObject)?.Remove("nextStatement");
        return session;
    }

    private static Command CreateReplay(CommandContext context)
    {
        var id = new Argument<string>("id");
        var output = OutputOption.Create();
        var command = new Command("replay", "Print a session as it happened, with its (masked) answers") { id, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var items = await api.ListAsync($"api/v1/sessions/{Uri.EscapeDataString(parsed.GetValue(id)!)}/replay", int.MaxValue, cancellationToken);
            if (parsed.GetValue(output) != OutputFormat.Table)
            {
                Printer.List(context.Output, parsed.GetValue(output), items);
                return ExitCodes.Done;
            }

            foreach (var item in items)
            {
                await context.Output.WriteLineAsync(ReplayText.Line(item!));
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateExport(CommandContext context)
    {
        var id = new Argument<string>("id");
        var output = OutputOption.Create();
        var command = new Command("export", "Export the recording as it was sealed, one JSON object a line") { id, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            await foreach (var line in api.LinesAsync($"api/v1/sessions/{Uri.EscapeDataString(parsed.GetValue(id)!)}/export", cancellationToken))
            {
                await context.Output.WriteLineAsync(line);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static void Add(List<string> query, string key, string? value)
    {
        if (value is not null)
        {
            query.Add($"{key}={Uri.EscapeDataString(value)}");
        }
    }
}
