using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary>The commands that do one thing to one resource: <c>POST /api/v1/{resource}/{id}/{action}</c>.</summary>
internal static class ResourceAction
{
    /// <param name="done">Past participle for the line that people see.</param>
    /// <param name="textOption">Name of an option whose text goes along (comment, reason); null for none.</param>
    public static Command Create(CommandContext context, string name, string description, string resource, string action, string done, string? textOption = null)
    {
        var id = new Argument<string>("id");
        var output = OutputOption.Create();
        var command = new Command(name, description) { id, output };
        Option<string?>? text = null;
        if (textOption is not null)
        {
            text = new Option<string?>("--" + textOption);
            command.Add(text);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var body = new JsonObject();
            if (text is not null && parsed.GetValue(text) is { } words)
            {
                body[textOption!] = words;
            }

            var answer = await api.PostAsync($"api/v1/{resource}/{Uri.EscapeDataString(parsed.GetValue(id)!)}/{action}", body, cancellationToken);
            if (parsed.GetValue(output) == OutputFormat.Table)
            {
                await context.Output.WriteLineAsync($"{parsed.GetValue(id)} {done}{(answer["status"] is { } status ? $" (now {status})" : "")}");
            }
            else
            {
                Printer.Object(context.Output, parsed.GetValue(output), answer);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Shows one resource.</summary>
    public static Command CreateShow(CommandContext context, string resource, params string[] keys)
    {
        var id = new Argument<string>("id");
        var output = OutputOption.Create();
        var command = new Command("show", "Show one") { id, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var item = await api.GetAsync($"api/v1/{resource}/{Uri.EscapeDataString(parsed.GetValue(id)!)}", cancellationToken);
            Printer.Object(context.Output, parsed.GetValue(output), item, keys);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Lists a resource, open or live ones unless <c>--all</c> is given.</summary>
    public static Command CreateList(CommandContext context, string description, string resource, bool hasAll, params string[] columns)
    {
        var all = new Option<bool>("--all") { Description = "also those that are over" };
        var output = OutputOption.Create();
        var command = new Command("list", description) { output };
        if (hasAll)
        {
            command.Add(all);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var path = $"api/v1/{resource}" + (hasAll && parsed.GetValue(all) ? "?all=true" : "");
            var items = await api.ListAsync(path, int.MaxValue, cancellationToken);
            Printer.List(context.Output, parsed.GetValue(output), items, columns);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Follows a stream of changes, one line each, until Ctrl-C.</summary>
    public static Command CreateWatch(CommandContext context, string description, string path, bool takesId, Func<JsonNode, string> line)
    {
        var id = new Argument<string>("id");
        var output = OutputOption.Create();
        var command = new Command("watch", description) { output };
        if (takesId)
        {
            command.Add(id);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var address = takesId ? string.Format(System.Globalization.CultureInfo.InvariantCulture, path, Uri.EscapeDataString(parsed.GetValue(id)!)) : path;
            await foreach (var change in api.WatchAsync(address, cancellationToken))
            {
                await context.Output.WriteLineAsync(parsed.GetValue(output) == OutputFormat.Table ? line(change) : change.ToJsonString());
                await context.Output.FlushAsync(cancellationToken);
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
