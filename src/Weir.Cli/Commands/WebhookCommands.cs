using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir webhooks</c>: addresses that are told of reviews and access requests.</summary>
internal static class WebhookCommands
{
    private static readonly TimeSpan TestPatience = TimeSpan.FromSeconds(15);

    public static Command Create(CommandContext context) => new("webhooks", "Addresses that are told of reviews and access requests")
    {
        ResourceAction.CreateList(context, "List webhooks", "webhooks", hasAll: false, "id", "name", "status", "url", "format", "waiting", "lastSuccessAt", "lastError"),
        ResourceAction.CreateShow(context, "webhooks", "id", "name", "status", "url", "format", "events", "connectionLabels", "waiting", "failures", "failingSince", "disabledBecause", "lastSuccessAt", "lastStatus", "lastError", "previousSecretUntil"),
        CreateCreate(context),
        CreateUpdate(context),
        CreateDelete(context),
        CreateRotate(context),
        ResourceAction.Create(context, "enable", "Tell it again, from now on", "webhooks", "enable", "enabled"),
        ResourceAction.Create(context, "disable", "Tell it nothing any more", "webhooks", "disable", "disabled"),
        CreateTest(context),
        CreateDeliveries(context),
        ResourceAction.Create(context, "redeliver", "Send a delivery again, under the same id", "webhook-deliveries", "redeliver", "is sent again"),
    };

    private static Command CreateCreate(CommandContext context)
    {
        var name = new Argument<string>("name");
        var settings = new Settings(isUrlRequired: true);
        var output = OutputOption.Create();
        var command = new Command("create", "Add a webhook; its secret is shown this once") { name, output };
        settings.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var made = await api.PostAsync("api/v1/webhooks", settings.Body(parsed, parsed.GetValue(name)!, null), cancellationToken);
            Printer.Object(context.Output, parsed.GetValue(output), made, "id", "secret");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateUpdate(CommandContext context)
    {
        var id = new Argument<string>("id");
        var name = new Option<string?>("--name");
        var settings = new Settings(isUrlRequired: false);
        var output = OutputOption.Create();
        var command = new Command("update", "Change where it goes or what it is told; what is not given stays") { id, name, output };
        settings.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var path = $"api/v1/webhooks/{Uri.EscapeDataString(parsed.GetValue(id)!)}";
            var present = await api.GetAsync(path, cancellationToken);
            var changed = await api.PutAsync(path, settings.Body(parsed, parsed.GetValue(name) ?? present["name"]!.ToString(), present), cancellationToken);
            Printer.Object(context.Output, parsed.GetValue(output), changed, "id", "name", "status", "url", "format", "events", "connectionLabels");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateDelete(CommandContext context)
    {
        var id = new Argument<string>("id");
        var command = new Command("delete", "Delete a webhook and its deliveries") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            await api.DeleteAsync($"api/v1/webhooks/{Uri.EscapeDataString(parsed.GetValue(id)!)}", cancellationToken);
            await context.Output.WriteLineAsync($"{parsed.GetValue(id)} deleted");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command CreateRotate(CommandContext context)
    {
        var id = new Argument<string>("id");
        var output = OutputOption.Create();
        var command = new Command("rotate-secret", "Make a new secret; for a day everything carries signatures with both") { id, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var made = await api.PostAsync($"api/v1/webhooks/{Uri.EscapeDataString(parsed.GetValue(id)!)}/rotate-secret", new JsonObject(), cancellationToken);
            Printer.Object(context.Output, parsed.GetValue(output), made, "id", "secret", "previousSecretUntil");
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Fails where the receiver did not take it, so that a script can tell.</summary>
    private static Command CreateTest(CommandContext context)
    {
        var id = new Argument<string>("id");
        var output = OutputOption.Create();
        var command = new Command("test", "Send a test and wait for the receiver's answer") { id, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var sent = await api.PostAsync($"api/v1/webhooks/{Uri.EscapeDataString(parsed.GetValue(id)!)}/test", new JsonObject(), cancellationToken);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(TestPatience);
            try
            {
                while (sent["lastAttemptAt"] is null)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(300), patience.Token);
                    sent = await api.GetAsync($"api/v1/webhook-deliveries/{sent["id"]}", cancellationToken);
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // What is known is shown.
            }

            Printer.Object(context.Output, parsed.GetValue(output), sent, "id", "status", "lastStatus", "lastError", "lastDurationMs");
            return sent["status"]?.ToString() == "delivered" ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static Command CreateDeliveries(CommandContext context)
    {
        var id = new Argument<string>("id");
        var output = OutputOption.Create();
        var command = new Command("deliveries", "What was sent lately, newest first") { id, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var items = await api.ListAsync($"api/v1/webhooks/{Uri.EscapeDataString(parsed.GetValue(id)!)}/deliveries", int.MaxValue, cancellationToken);
            Printer.List(context.Output, parsed.GetValue(output), items, "id", "event", "status", "attempts", "createdAt", "lastStatus", "lastError");
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>What creating and changing have in common.</summary>
    private sealed class Settings(bool isUrlRequired)
    {
        private readonly Option<string?> _url = new("--url") { Description = "where to send; https", Required = isUrlRequired };
        private readonly Option<string?> _format = new("--format") { Description = "standard (JSON, Standard Webhooks) or slack" };
        private readonly Option<string[]> _events = new("--event") { Description = "such as review.opened; may be given again (default: all)" };
        private readonly Option<string[]> _labels = new("--connection-label") { Description = "key=value; only connections with it; may be given again" };

        public void AddTo(Command command)
        {
            command.Add(_url);
            command.Add(_format);
            command.Add(_events);
            command.Add(_labels);
        }

        /// <param name="present">What stays where nothing is given; null for a new one.</param>
        public JsonObject Body(ParseResult parsed, string name, JsonNode? present)
        {
            var labels = new JsonObject();
            foreach (var label in parsed.GetValue(_labels) ?? [])
            {
                var parts = label.Split('=', 2);
                labels[parts[0]] = parts.Length == 2 ? parts[1] : throw new CommandFailure($"--connection-label: \"{label}\" is not of the form key=value", ExitCodes.Usage);
            }

            var body = new JsonObject
            {
                ["name"] = name,
                ["format"] = parsed.GetValue(_format) ?? present?["format"]?.ToString() ?? "standard",
                ["events"] = parsed.GetValue(_events) is { Length: > 0 } events ? new JsonArray([.. events.Select(e => JsonValue.Create(e))]) : present?["events"]?.DeepClone(),
                ["connectionLabels"] = labels.Count > 0 ? labels : present?["connectionLabels"]?.DeepClone(),
            };
            if (parsed.GetValue(_url) is { } url)
            {
                body["url"] = url;
            }

            return body;
        }
    }
}
