using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir credentials</c>: the short-lived secrets that clients present on the wire.</summary>
internal static class CredentialCommands
{
    public static Command Create(CommandContext context) => new("credentials", "Access credentials: what a client presents on the wire")
    {
        CreateIssue(context), CreateList(context), CreateRevoke(context),
    };

    private static Command CreateIssue(CommandContext context)
    {
        var connection = new Option<string>("--connection") { Description = "connection that it is for", Required = true };
        var principal = new Option<string?>("--principal") { Description = "for somebody else (administrators)" };
        var ttl = new Option<string?>("--ttl") { Description = "how long it is valid, such as 30m, 8h or 7d (default 1h)" };
        var output = OutputOption.Create();
        var command = new Command("issue", "Issue a credential; its secret is shown this once") { connection, principal, ttl, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var issued = await IssueAsync(api, parsed.GetValue(connection)!, parsed.GetValue(principal), parsed.GetValue(ttl), cancellationToken);
            foreach (var warning in issued["warnings"] as JsonArray ?? [])
            {
                await context.Error.WriteLineAsync($"weir: {warning}");
            }

            Printer.Object(context.Output, parsed.GetValue(output), issued, "id", "secret", "directUrl", "relayUrl", "expiresAt");
            return ExitCodes.Done;
        });
        return command;
    }

    internal static Task<JsonNode> IssueAsync(Api.ApiClient api, string connection, string? principal, string? ttl, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["connection"] = connection };
        if (principal is not null)
        {
            body["principal"] = principal;
        }

        if (ttl is not null)
        {
            body["ttl"] = ttl;
        }

        return api.PostAsync("api/v1/credentials", body, cancellationToken);
    }

    private static Command CreateList(CommandContext context)
    {
        var all = new Option<bool>("--all") { Description = "expired and revoked ones too" };
        var output = OutputOption.Create();
        var command = new Command("list", "List credentials") { all, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var items = await api.ListAsync($"api/v1/credentials?all={Flag(parsed.GetValue(all))}", int.MaxValue, cancellationToken);
            Printer.List(context.Output, parsed.GetValue(output), items, "id", "principal", "connection", "status", "createdAt", "expiresAt");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateRevoke(CommandContext context) =>
        ResourceAction.Create(context, "revoke", "Revoke a credential; its sessions end", "credentials", "revoke", "revoked");

    private static string Flag(bool value) => value ? "true" : "false";
}
