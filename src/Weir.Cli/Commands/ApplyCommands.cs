using System.CommandLine;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Weir.Cli.Documents;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir apply</c> and <c>weir diff</c>.</summary>
internal static partial class ApplyCommands
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
            var documents = DocumentFiles.Read(parsed.GetValue(files)!, context.Input);
            var body = new JsonObject { ["documents"] = new JsonArray([.. documents.Select(d => d.Content)]), ["dryRun"] = dryRun };
            JsonNode answer;
            try
            {
                answer = await api.PostAsync("api/v1/documents/apply", body, cancellationToken);
            }
            catch (CommandFailure refused)
            {
                throw new CommandFailure(NameSources(refused.Message, documents), refused.ExitCode);
            }

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

    /// <summary>The server counts documents; people know them by file and name.</summary>
    private static string NameSources(string message, IReadOnlyList<SourceDocument> documents) =>
        DocumentPlace().Replace(message, place => int.TryParse(place.Groups[1].ValueSpan, out var index) && index < documents.Count
            ? documents[index].Label + (place.Groups[2].Length > 0 ? ": " : "")
            : place.Value);

    [GeneratedRegex(@"documents\[(\d{1,6})\](\.?)")]
    private static partial Regex DocumentPlace();
}
