using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir packs</c>: guardrails that ship with Weir.</summary>
internal static class PackCommands
{
    public static Command Create(CommandContext context)
    {
        var name = new Argument<string>("name");
        var output = OutputOption.Create();
        var show = new Command("show", "Show the rules of a pack") { name, output };
        show.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var pack = await api.GetAsync($"api/v1/packs/{Uri.EscapeDataString(parsed.GetValue(name)!)}", cancellationToken);
            var format = parsed.GetValue(output);
            if (format == OutputFormat.Table)
            {
                Printer.Object(context.Output, format, pack, "name", "version", "summary");
                await context.Output.WriteLineAsync();
                Printer.List(context.Output, format, (pack["rules"] as JsonArray)!, "name", "action", "message");
            }
            else
            {
                Printer.Object(context.Output, format, pack);
            }

            return ExitCodes.Done;
        });
        return new Command("packs", "Guardrails that ship with Weir")
        {
            ResourceAction.CreateList(context, "List packs", "packs", hasAll: false, "name", "version", "summary"),
            show,
        };
    }
}
