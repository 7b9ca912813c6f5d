using System.CommandLine;
using Weir.Cli.Output;
using Weir.Cli.Policies;

namespace Weir.Cli.Commands;

/// <summary><c>weir policy catalog</c>: the psql script that writes the file for <c>--catalog</c>.</summary>
internal static class PolicyCatalogCommand
{
    public static Command Create(CommandContext context)
    {
        var output = OutputOption.Create();
        var command = new Command("catalog", "Print the psql script that saves a database's catalog: weir policy catalog | psql -XqAt URL > FILE") { output };
        command.SetAction((parsed, _) =>
        {
            if (parsed.GetValue(output) == OutputFormat.Table)
            {
                context.Output.Write(CatalogFile.Script());
            }
            else
            {
                Printer.Object(context.Output, parsed.GetValue(output), new System.Text.Json.Nodes.JsonObject { ["id"] = "catalog", ["script"] = CatalogFile.Script() });
            }

            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    /// <summary>The option of the commands that read the file.</summary>
    public static Option<string?> FileOption() => new("--catalog")
    {
        Description = "catalog of the database, from 'weir policy catalog'; without it, names are taken for everything they could mean",
    };
}
