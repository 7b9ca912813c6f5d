using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Documents;
using Weir.Cli.Output;
using Weir.Cli.Policies;

namespace Weir.Cli.Commands;

/// <summary><c>weir policy explain</c>: what the analysis finds in a text, which is what the conditions of rules are compared with.</summary>
internal static class PolicyExplainCommand
{
    private static readonly string[] Keys =
        ["line", "command", "effects", "relations", "columns", "functions", "withoutWhere", "resultColumns", "lineageProvable", "dependsOnLiterals", "notes", "inner", "error"];

    public static Command Create(CommandContext context)
    {
        var text = new Argument<string?>("statement") { Description = "SQL; or use --sql", Arity = ArgumentArity.ZeroOrOne };
        var sql = new Option<string?>("--sql") { Description = "file of statements, or -" };
        var catalog = PolicyCatalogCommand.FileOption();
        var output = OutputOption.Create();
        var command = new Command("explain", "Show what the analysis finds in statements") { text, sql, catalog, output };
        command.SetAction((parsed, _) =>
        {
            var (given, file) = (parsed.GetValue(text), parsed.GetValue(sql));
            var script = (given, file) switch
            {
                ({ } inline, null) => inline,
                (null, { } path) => DocumentFiles.ReadText(path, context.Input),
                _ => throw new CommandFailure("give a statement, or a file of them with --sql", ExitCodes.Usage),
            };
            var found = Explain(parsed.GetValue(catalog), SqlScript.Split(script));
            if (found.Count == 0)
            {
                throw new CommandFailure("there are no statements in it", ExitCodes.Usage);
            }

            if (parsed.GetValue(output) == OutputFormat.Table)
            {
                PrintForPeople(context.Output, found);
            }
            else
            {
                Printer.List(context.Output, parsed.GetValue(output), found);
            }

            return Task.FromResult(found.All(f => f!["error"] is null) ? ExitCodes.Done : ExitCodes.Failed);
        });
        return command;
    }

    private static JsonArray Explain(string? catalog, IReadOnlyList<SqlText> texts)
    {
        using var sequence = new StatementSequence(catalog is null ? null : CatalogFile.Read(catalog));
        var found = new JsonArray();
        foreach (var text in texts)
        {
            foreach (var statement in PolicyJson.Of(found.Count + 1, text, sequence.Analyze(text.Text)))
            {
                found.Add((JsonNode)statement);
            }
        }

        return found;
    }

    private static void PrintForPeople(TextWriter output, JsonArray found)
    {
        foreach (var statement in found)
        {
            output.WriteLine(TerminalText.OneLine(Printer.Text(statement!["statement"])));
            foreach (var key in Keys)
            {
                if (statement[key] is JsonArray { Count: > 0 } list && list[0] is JsonObject)
                {
                    output.WriteLine($"  {key}");
                    foreach (var item in list)
                    {
                        output.WriteLine("    " + TerminalText.OneLine(string.Join("  ", item!.AsObject().Where(p => p.Value is not null).Select(p => $"{p.Key}={Printer.Text(p.Value)}"))));
                    }
                }
                else if (statement[key] is { } value and not JsonArray { Count: 0 })
                {
                    output.WriteLine($"  {key,-18} {TerminalText.OneLine(Printer.Text(value))}");
                }
            }
        }
    }
}
