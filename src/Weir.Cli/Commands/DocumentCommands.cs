using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Documents;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir get</c> and <c>weir delete</c>.</summary>
internal static class DocumentCommands
{
    private static readonly string[] Kinds = ["Connection", "Guardrail", "GuardrailPack", "MaskingRule", "AccessRule"];

    public static Command CreateGet(CommandContext context)
    {
        var kind = KindArgument();
        var name = new Argument<string?>("name") { Description = "one document; all of the kind without it", Arity = ArgumentArity.ZeroOrOne };
        var output = OutputOption.Create();
        var command = new Command("get", "Show documents") { kind, name, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var format = parsed.GetValue(output);
            var wanted = Canonical(parsed.GetValue(kind)!);
            if (parsed.GetValue(name) is { } one)
            {
                var document = await api.GetAsync($"api/v1/documents/{wanted}/{Uri.EscapeDataString(one)}", cancellationToken);
                if (format == OutputFormat.Json)
                {
                    Printer.Object(context.Output, format, document);
                }
                else
                {
                    await context.Output.WriteAsync(YamlText.Write(WithoutId(document)));
                }

                return ExitCodes.Done;
            }

            var all = await api.ListAsync($"api/v1/documents?kind={wanted}", int.MaxValue, cancellationToken);
            if (format == OutputFormat.Yaml)
            {
                await context.Output.WriteAsync(string.Join("---\n", all.Select(d => YamlText.Write(WithoutId(d!)))));
            }
            else
            {
                Printer.List(context.Output, format, all, "kind", "metadata.name", "metadata.labels");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    public static Command CreateDelete(CommandContext context)
    {
        var kind = KindArgument();
        var name = new Argument<string>("name");
        var output = OutputOption.Create();
        var command = new Command("delete", "Delete a document") { kind, name, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var wanted = Canonical(parsed.GetValue(kind)!);
            var answer = await api.DeleteAsync($"api/v1/documents/{wanted}/{Uri.EscapeDataString(parsed.GetValue(name)!)}", cancellationToken);
            if (parsed.GetValue(output) == OutputFormat.Table)
            {
                await context.Output.WriteLineAsync($"{wanted}/{parsed.GetValue(name)} deleted");
            }
            else
            {
                Printer.Object(context.Output, parsed.GetValue(output), answer);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>The document as a file for <c>weir apply</c> would hold it.</summary>
    private static JsonObject WithoutId(JsonNode document)
    {
        var copy = document.DeepClone().AsObject();
        foreach (var key in new[] { "id", "createdAt", "updatedAt" })
        {
            copy.Remove(key);
        }

        return copy;
    }

    private static Argument<string> KindArgument() => new("kind") { Description = string.Join(", ", Kinds) };

    /// <summary>Accepts any case, the plural, and dashes: <c>guardrails</c>, <c>masking-rule</c>.</summary>
    private static string Canonical(string kind)
    {
        var bare = kind.Replace("-", "", StringComparison.Ordinal);
        return Kinds.FirstOrDefault(k => k.Equals(bare, StringComparison.OrdinalIgnoreCase) || (k + "s").Equals(bare, StringComparison.OrdinalIgnoreCase))
            ?? throw new CommandFailure($"'{kind}' is no kind of document: {string.Join(", ", Kinds)}", ExitCodes.Usage);
    }
}
