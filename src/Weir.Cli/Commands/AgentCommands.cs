using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir agents</c>: the data-plane processes.</summary>
internal static class AgentCommands
{
    public static Command Create(CommandContext context)
    {
        var name = new Argument<string>("name") { Description = "name of the agent" };
        var ttl = new Option<string?>("--ttl") { Description = "how long the token is valid (default 1h)" };
        var output = OutputOption.Create();
        var enroll = new Command("enroll", "Create a one-time enrollment token") { name, ttl, output };
        enroll.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var body = new JsonObject { ["name"] = parsed.GetValue(name), ["ttl"] = parsed.GetValue(ttl) };
            var token = await api.PostAsync("api/v1/agents/enrollment-tokens", body, cancellationToken);
            Printer.Object(context.Output, parsed.GetValue(output), token, "id", "token", "expiresAt");
            return ExitCodes.Done;
        });
        return new Command("agents", "Agents: the processes next to the databases")
        {
            ResourceAction.CreateList(context, "List agents", "agents", hasAll: false, "id", "name", "status", "version", "lastSeenAt", "snapshotVersion", "liveSessions"),
            enroll,
        };
    }
}
