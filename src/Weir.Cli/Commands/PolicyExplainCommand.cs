using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Documents;
using Weir.Cli.Output;
using Weir.Cli.Policies;

namespace Weir.Cli.Commands;

/// <summary>
/// <c>weir policy explain</c>: what the analysis finds in a text, which is what the conditions of rules are compared with; or, for a session's id and the
/// number of one of its statements, why that one was decided and masked as it was.
/// </summary>
internal static class PolicyExplainCommand
{
    private static readonly string[] Keys =
        ["line", "command", "effects", "relations", "columns", "functions", "withoutWhere", "resultColumns", "lineageProvable", "dependsOnLiterals", "notes", "inner", "error"];

    public static Command Create(CommandContext context)
    {
        var text = new Argument<string?>("statement") { Description = "SQL, or the id of a session; or use --sql", Arity = ArgumentArity.ZeroOrOne };
        var number = new Argument<long?>("number") { Description = "number of the session's statement", Arity = ArgumentArity.ZeroOrOne };
        var sql = new Option<string?>("--sql") { Description = "file of statements, or -" };
        var catalog = PolicyCatalogCommand.FileOption();
        var output = OutputOption.Create();
        var command = new Command("explain", "Show what the analysis finds in statements, or why a recorded one was decided as it was") { text, number, sql, catalog, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(number) is { } recorded)
            {
                using var api = context.Api();
                var explanation = await RecordedExplanation.ReadAsync(api, parsed.GetValue(text)!, recorded, cancellationToken);
                if (parsed.GetValue(output) == OutputFormat.Table)
                {
                    RecordedExplanation.PrintForPeople(context.Output, explanation);
                }
                else
                {
                    Printer.Object(context.Output, parsed.GetValue(output), explanation);
                }

                return ExitCodes.Done;
            }

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

            return found.All(f => f!["error"] is null) ? ExitCodes.Done : ExitCodes.Failed;
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
