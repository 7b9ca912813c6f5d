using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir principals</c>: users, service accounts and AI agents; and the tokens they hold.</summary>
internal static class PrincipalCommands
{
    public static Command Create(CommandContext context)
    {
        var name = new Argument<string>("name");
        var kind = new Option<string>("--kind") { Description = "user, service_account or ai_agent", Required = true };
        var groups = new Option<string[]>("--group") { Description = "may be given again" };
        var onBehalfOf = new Option<string?>("--on-behalf-of") { Description = "the user that an AI agent acts for" };
        var output = OutputOption.Create();
        var create = new Command("create", "Create a principal") { name, kind, groups, onBehalfOf, output };
        create.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var body = new JsonObject
            {
                ["name"] = parsed.GetValue(name),
                ["kind"] = parsed.GetValue(kind),
                ["groups"] = new JsonArray([.. (parsed.GetValue(groups) ?? []).Select(g => JsonValue.Create(g))]),
                ["onBehalfOf"] = parsed.GetValue(onBehalfOf),
            };
            Printer.Object(context.Output, parsed.GetValue(output), await api.PostAsync("api/v1/principals", body, cancellationToken), "id", "name", "kind", "groups");
            return ExitCodes.Done;
        });

        var tokenFor = new Argument<string>("principal");
        var ttl = new Option<string?>("--ttl") { Description = "such as 30d" };
        var tokenOutput = OutputOption.Create();
        var token = new Command("token", "Create an API token for a principal; it is shown this once") { tokenFor, ttl, tokenOutput };
        token.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var body = new JsonObject { ["name"] = "cli", ["principal"] = parsed.GetValue(tokenFor), ["ttl"] = parsed.GetValue(ttl) };
            Printer.Object(context.Output, parsed.GetValue(tokenOutput), await api.PostAsync("api/v1/tokens", body, cancellationToken), "id", "token", "expiresAt");
            return ExitCodes.Done;
        });

        return new Command("principals", "Users, service accounts and AI agents")
        {
            ResourceAction.CreateList(context, "List principals", "principals", hasAll: false, "id", "name", "kind", "groups", "onBehalfOf", "roles", "disabled"),
            create,
            token,
        };
    }
}
