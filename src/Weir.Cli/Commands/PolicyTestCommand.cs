using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Weir.Cli.Documents;
using Weir.Cli.Output;
using Weir.Cli.Policies;
using Weir.Policy.Access;

namespace Weir.Cli.Commands;

/// <summary><c>weir policy test</c>: what agents would decide, without a server, an agent or a database.</summary>
internal static class PolicyTestCommand
{
    private static readonly string[] Kinds = ["user", "service_account", "ai_agent"];
    private static readonly string[] Levels = ["read", "write", "admin"];
    private static readonly string[] Verdicts = ["allow", "review", "deny"];

    public static Command Create(CommandContext context)
    {
        var files = new Option<string[]>("--filename", "-f") { Description = "documents to try: file, folder or -", Required = true };
        var sql = new Option<string>("--sql") { Description = "file of statements, or -", Required = true };
        var connection = new Option<string?>("--connection") { Description = "which of the connections (default: the only one)" };
        var principal = new Option<string>("--principal") { Description = "name of the principal", DefaultValueFactory = _ => "somebody" };
        var kind = new Option<string>("--kind") { Description = "user, service_account or ai_agent", DefaultValueFactory = _ => "user" };
        var groups = new Option<string[]>("--groups") { Description = "groups of the principal, separated by commas or given again" };
        var access = new Option<string?>("--access") { Description = "read, write or admin (default: what the access rules give; admin where there are none)" };
        var at = new Option<string?>("--at") { Description = "time of the decision in RFC 3339, for rules with a schedule (default: now)" };
        var expect = new Option<string?>("--expect") { Description = "allow, review or deny: fail when any statement gets another verdict" };
        var catalog = PolicyCatalogCommand.FileOption();
        var output = OutputOption.Create();
        kind.AcceptOnlyFromAmong(Kinds);
        access.AcceptOnlyFromAmong(Levels);
        expect.AcceptOnlyFromAmong(Verdicts);
        var command = new Command("test", "Judge statements offline, with the agent's own engine") { files, sql, connection, principal, kind, groups, access, at, catalog, expect, output };
        command.SetAction((parsed, _) =>
        {
            var who = new Principal(Guid.Empty, parsed.GetValue(principal)!.Trim().ToLowerInvariant(), KindOf(parsed.GetValue(kind)!), GroupsOf(parsed.GetValue(groups)));
            var policy = OfflinePolicy.Create(
                DocumentFiles.Read(parsed.GetValue(files)!, context.Input), parsed.GetValue(connection), who, LevelOf(parsed.GetValue(access)), TimeOf(parsed.GetValue(at)));
            var results = Judge(policy, parsed.GetValue(catalog), SqlScript.Split(DocumentFiles.ReadText(parsed.GetValue(sql)!, context.Input)));
            if (results.Count == 0)
            {
                throw new CommandFailure($"there are no statements in {parsed.GetValue(sql)}", ExitCodes.Usage);
            }

            Print(context, parsed.GetValue(output), results);
            if (parsed.GetValue(catalog) is null && parsed.GetValue(output) == OutputFormat.Table)
            {
                context.Error.WriteLine("weir: without --catalog a verdict may be stricter than an agent's, which knows the database (see 'weir policy catalog')");
            }

            return Task.FromResult(Compare(context, parsed.GetValue(expect), results));
        });
        return command;
    }

    private static JsonArray Judge(OfflinePolicy policy, string? catalog, IReadOnlyList<SqlText> texts)
    {
        using var sequence = new StatementSequence(catalog is null ? null : CatalogFile.Read(catalog));
        var results = new JsonArray();
        foreach (var text in texts)
        {
            var outcome = sequence.Analyze(text.Text);
            results.Add((JsonNode)PolicyJson.Of(results.Count + 1, text, outcome, policy.Judge(outcome, text.Text)));
        }

        return results;
    }

    private static void Print(CommandContext context, OutputFormat format, JsonArray results)
    {
        if (format != OutputFormat.Table)
        {
            Printer.List(context.Output, format, results);
            return;
        }

        var rows = new JsonArray([.. results.Select(r =>
        {
            var first = (r!["reasons"] as JsonArray)?.FirstOrDefault();
            return new JsonObject
            {
                ["line"] = r["line"]!.DeepClone(), ["verdict"] = r["verdict"]!.DeepClone(), ["rule"] = first?["rule"]?.DeepClone(), ["message"] = first?["message"]?.DeepClone(),
                ["statement"] = r["statement"]!.DeepClone(),
            };
        })]);
        Printer.List(context.Output, format, rows, "line", "verdict", "rule", "message", "statement");
    }

    private static int Compare(CommandContext context, string? expected, JsonArray results)
    {
        var different = expected is null ? [] : results.Where(r => r!["verdict"]!.GetValue<string>() != expected).ToList();
        foreach (var result in different)
        {
            context.Error.WriteLine($"weir: line {result!["line"]}: expected {expected}, got {result["verdict"]}");
        }

        return different.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static PrincipalKind KindOf(string kind) => kind switch
    {
        "service_account" => PrincipalKind.ServiceAccount,
        "ai_agent" => PrincipalKind.AiAgent,
        _ => PrincipalKind.User,
    };

    private static AccessLevel? LevelOf(string? level) => level switch
    {
        "read" => AccessLevel.Read,
        "write" => AccessLevel.Write,
        "admin" => AccessLevel.Admin,
        _ => null,
    };

    private static ImmutableArray<string> GroupsOf(string[]? groups) =>
        [.. (groups ?? []).SelectMany(g => g.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static DateTimeOffset TimeOf(string? text) => text is null
        ? TimeProvider.System.GetUtcNow()
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            ? at
            : throw new CommandFailure($"--at: '{text}' is no time in RFC 3339", ExitCodes.Usage);
}
