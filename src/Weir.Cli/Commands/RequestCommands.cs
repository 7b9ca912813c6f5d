using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir requests</c>: asking for time-bound access.</summary>
internal static class RequestCommands
{
    public static Command Create(CommandContext context) => new("requests", "Requests for time-bound access")
    {
        CreateCreate(context),
        ResourceAction.CreateList(context, "List open requests", "access-requests", hasAll: true, "id", "status", "principal", "connection", "access", "duration", "reason", "createdAt"),
        ResourceAction.CreateShow(context, "access-requests", "id", "status", "principal", "connection", "access", "duration", "reason", "approvals", "createdAt", "expiresAt", "comment", "grant"),
        ResourceAction.Create(context, "approve", "Approve a request", "access-requests", "approve", "approved", "comment"),
        ResourceAction.Create(context, "reject", "Reject a request", "access-requests", "reject", "rejected", "comment"),
        ResourceAction.Create(context, "withdraw", "Take back a request of your own", "access-requests", "withdraw", "withdrawn", "comment"),
    };

    private static Command CreateCreate(CommandContext context)
    {
        var connection = new Option<string>("--connection") { Required = true };
        var access = new Option<string>("--access") { Description = "read, write or admin", DefaultValueFactory = _ => "read" };
        var duration = new Option<string>("--duration") { Description = "such as 30m or 4h", DefaultValueFactory = _ => "1h" };
        var reason = new Option<string?>("--reason") { Description = "why, for whoever approves" };
        var output = OutputOption.Create();
        var command = new Command("create", "Ask for access") { connection, access, duration, reason, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var body = new JsonObject
            {
                ["connection"] = parsed.GetValue(connection),
                ["access"] = parsed.GetValue(access),
                ["duration"] = parsed.GetValue(duration),
                ["reason"] = parsed.GetValue(reason),
            };
            var created = await api.PostAsync("api/v1/access-requests", body, cancellationToken);
            Printer.Object(context.Output, parsed.GetValue(output), created, "id", "status", "connection", "access", "duration", "expiresAt");
            return ExitCodes.Done;
        });
        return command;
    }
}
