using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir reviews</c>: held statements that wait for people.</summary>
internal static class ReviewCommands
{
    public static Command Create(CommandContext context) => new("reviews", "Held statements that wait for people")
    {
        ResourceAction.CreateList(context, "List open reviews", "reviews", hasAll: true, "id", "status", "principal", "connection", "statement", "expiresAt"),
        ResourceAction.CreateShow(context, "reviews", "id", "status", "principal", "connection", "statement", "parameters", "reasons", "relations", "sensitiveColumns", "estimatedRows", "rowsChanged", "notRunBecause", "shape", "maxWindow", "approvals", "windowUntil", "createdAt", "expiresAt", "comment"),
        CreateApprove(context),
        CreateUses(context),
        ResourceAction.Create(context, "reject", "Refuse a held statement", "reviews", "reject", "rejected", "comment"),
        ResourceAction.Create(context, "withdraw", "Take back a review of your own, or an approval that still holds", "reviews", "withdraw", "withdrawn", "comment"),
        ResourceAction.CreateWatch(context, "Follow reviews as they open and end", "api/v1/reviews/watch", takesId: false,
            change => $"{Printer.Text(change["createdAt"])}  {change["id"]}  {change["status"]}  {change["principal"]} on {change["connection"]}: {TerminalText.OneLine(Printer.Text(change["statement"]))}"),
    };

    private static Command CreateApprove(CommandContext context)
    {
        var id = new Argument<string>("id");
        var window = new Option<string?>("--for") { Description = "approve every statement of this shape for so long, such as 30m (default: this statement, once)" };
        var comment = new Option<string?>("--comment");
        var output = OutputOption.Create();
        var command = new Command("approve", "Let a held statement go through") { id, window, comment, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var body = new JsonObject();
            if (parsed.GetValue(comment) is { } words)
            {
                body["comment"] = words;
            }

            if (parsed.GetValue(window) is { } time)
            {
                body["window"] = time;
            }

            var review = await api.PostAsync($"api/v1/reviews/{Uri.EscapeDataString(parsed.GetValue(id)!)}/approve", body, cancellationToken);
            if (parsed.GetValue(output) == OutputFormat.Table)
            {
                var until = review["windowUntil"] is { } end ? $", every statement of its shape until {Printer.Text(end)}" : "";
                await context.Output.WriteLineAsync($"{parsed.GetValue(id)} approved (now {review["status"]}{until})");
            }
            else
            {
                Printer.Object(context.Output, parsed.GetValue(output), review);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateUses(CommandContext context)
    {
        var id = new Argument<string>("id");
        var output = OutputOption.Create();
        var command = new Command("uses", "Statements that were held for a review or passed under it, newest first") { id, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var items = await api.ListAsync($"api/v1/reviews/{Uri.EscapeDataString(parsed.GetValue(id)!)}/uses", int.MaxValue, cancellationToken);
            Printer.List(context.Output, parsed.GetValue(output), items, "id", "at", "status", "rows", "statement");
            return ExitCodes.Done;
        });
        return command;
    }
}
