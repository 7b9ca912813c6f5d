using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Documents;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir apply</c> and <c>weir diff</c>.</summary>
internal static class ApplyCommands
{
    public static Command CreateApply(CommandContext context) => Create(context, "apply", "Create or change what the documents say, all or nothing", dryRun: false);

    public static Command CreateDiff(CommandContext context) => Create(context, "diff", "Show what apply would change", dryRun: true);

    private static Command Create(CommandContext context, string name, string description, bool dryRun)
    {
        var files = new Option<string[]>("--filename", "-f") { Description = "file, folder or - for standard input; may be given again", Required = true, AllowMultipleArgumentsPerToken = false };
        var output = OutputOption.Create();
        var command = new Command(name, description) { files, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var body = new JsonObject { ["documents"] = DocumentFiles.Read(parsed.GetValue(files)!), ["dryRun"] = dryRun };
            var answer = await api.PostAsync("api/v1/documents/apply", body, cancellationToken);
            var results = answer["results"]!.AsArray();
            if (parsed.GetValue(output) != OutputFormat.Table)
            {
                Printer.List(context.Output, parsed.GetValue(output), results);
                return ExitCodes.Done;
            }

            foreach (var result in results)
            {
                await context.Output.WriteLineAsync($"{result!["kind"]}/{result["name"]} {(dryRun ? "would be " : "")}{result["action"]}");
                foreach (var change in result["changes"] as JsonArray ?? [])
                {
                    await context.Output.WriteLineAsync($"  {Printer.Text(change)}");
                }
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
