using System.CommandLine;
using System.Text.Json.Nodes;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir audit</c>: who changed or saw what in the control plane, and the proof that nothing was tampered with.</summary>
internal static class AuditCommands
{
    private static readonly string[] Chains = ["sessions", "seals", "auditEvents"];

    public static Command Create(CommandContext context)
    {
        var limit = new Option<int>("--limit") { Description = "how many, newest first", DefaultValueFactory = _ => 50 };
        var listOutput = OutputOption.Create();
        var list = new Command("list", "List audit events, newest first") { limit, listOutput };
        list.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var items = await api.ListAsync("api/v1/audit", parsed.GetValue(limit), cancellationToken);
            Printer.List(context.Output, parsed.GetValue(listOutput), items, "at", "actor", "action", "targetKind", "targetId", "details");
            return ExitCodes.Done;
        });

        var verifyOutput = OutputOption.Create();
        var verify = new Command("verify", "Check every chain of recordings and audit events") { verifyOutput };
        verify.SetAction(async (parsed, cancellationToken) =>
        {
            using var api = context.Api();
            var answer = await api.PostAsync("api/v1/audit/verify", null, cancellationToken);
            var ok = answer["ok"]?.GetValue<bool>() == true;
            if (parsed.GetValue(verifyOutput) == OutputFormat.Table)
            {
                foreach (var part in Chains)
                {
                    await context.Output.WriteLineAsync($"{part}: {answer[part]?["checked"]} checked, {(answer[part]?["broken"] as JsonArray)?.Count ?? 0} broken");
                    foreach (var broken in answer[part]?["broken"] as JsonArray ?? [])
                    {
                        await context.Output.WriteLineAsync($"  {Printer.Text(broken)}");
                    }
                }

                await context.Output.WriteLineAsync(ok ? "untampered" : "TAMPERED OR INCOMPLETE");
            }
            else
            {
                Printer.Object(context.Output, parsed.GetValue(verifyOutput), answer);
            }

            return ok ? ExitCodes.Done : ExitCodes.Failed;
        });
        return new Command("audit", "Who changed or saw what, and the proof of it") { list, verify };
    }
}
