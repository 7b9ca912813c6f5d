using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Documents;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir policy</c>: proof before rollout.</summary>
internal static class PolicyCommands
{
    public static Command Create(CommandContext context) => new("policy", "Try rules before they apply") { PolicyTestCommand.Create(context), PolicyExplainCommand.Create(context), PolicyCatalogCommand.Create(context), CreateBacktest(context) };

    private static Command CreateBacktest(CommandContext context)
    {
        var files = new Option<string[]>("--filename", "-f") { Description = "documents to try", Required = true };
        var since = new Option<string>("--since") { Description = "how far back, such as 7d", DefaultValueFactory = _ => "7d" };
        var output = OutputOption.Create();
        var command = new Command("backtest", "What would have been decided about recorded statements") { files, since, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var body = new JsonObject { ["documents"] = new JsonArray([.. DocumentFiles.Read(parsed.GetValue(files)!, context.Input).Select(d => d.Content)]), ["since"] = parsed.GetValue(since) };
            var answer = await api.PostAsync("api/v1/policy/backtest", body, cancellationToken);
            if (parsed.GetValue(output) == OutputFormat.Table)
            {
                Printer.Object(context.Output, OutputFormat.Table, answer, "statements", "judged", "changed");
                Printer.List(context.Output, OutputFormat.Table, answer["changes"]?.DeepClone() as JsonArray ?? [], "principal", "connection", "was", "wouldBe", "rule", "count", "example");
            }
            else
            {
                Printer.Object(context.Output, parsed.GetValue(output), answer);
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
