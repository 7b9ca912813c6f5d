using System.Text.Json.Nodes;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using Weir.Sql.Analysis;

namespace Weir.Cli.Policies;

/// <summary>Analyses and decisions as the command line prints them.</summary>
internal static class PolicyJson
{
    public static JsonObject Of(int number, SqlText text, AnalysisOutcome outcome, Decision decision) => new()
    {
        ["id"] = Text(number),
        ["line"] = text.Line,
        ["statement"] = text.Text,
        ["verdict"] = Snake(decision.Verdict),
        ["reasons"] = Array(decision.Reasons.Select(Of)),
        ["reviewers"] = decision.Review is { } review ? Array(review.Reviewers.Select(r => (JsonNode)r)) : null,
        ["whenEstimatedRowsOver"] = Array(decision.EstimateOver.Select(e => new JsonObject { ["rows"] = e.RowsOver, ["reason"] = Of(e.Reason) })),
        ["effects"] = outcome is AnalysisOutcome.Analyzed analyzed ? Effects(analyzed.Script.Effects) : null,
    };

    /// <summary>One object for each statement of the text, or one that says why there is none.</summary>
    public static IEnumerable<JsonObject> Of(int number, SqlText text, AnalysisOutcome outcome)
    {
        JsonObject Make() => new() { ["id"] = Text(number), ["line"] = text.Line, ["statement"] = text.Text };
        switch (outcome)
        {
            case AnalysisOutcome.Analyzed analyzed:
                foreach (var statement in analyzed.Script.Statements)
                {
                    var found = Make();
                    Describe(found, statement);
                    yield return found;
                }

                break;
            case AnalysisOutcome.SyntaxFault fault:
                var broken = Make();
                broken["error"] = new JsonObject { ["sqlState"] = fault.SqlState, ["message"] = fault.Message, ["position"] = fault.Position > 0 ? fault.Position : null };
                yield return broken;
                break;
            case AnalysisOutcome.Refused refused:
                var withheld = Make();
                withheld["error"] = new JsonObject { ["sqlState"] = "42501", ["message"] = refused.Reason, ["position"] = null };
                yield return withheld;
                break;
        }
    }

    private static void Describe(JsonObject target, StatementAnalysis s)
    {
        target["command"] = s.Command;
        target["effects"] = Effects(s.Effects);
        target["relations"] = Array(s.Relations.Select(r => new JsonObject
        {
            ["name"] = Names(r.Candidates),
            ["effects"] = Effects(r.Effects),
            ["ambiguous"] = r.IsAmbiguous,
            ["throughView"] = r.ThroughView,
        }));
        target["columns"] = Array(s.Columns.Select(c => new JsonObject { ["relation"] = Names(c.Relations), ["column"] = c.Column, ["use"] = Flags(c.Use) }));
        target["functions"] = Array(s.Functions.Select(f => new JsonObject
        {
            ["name"] = Names(f.Candidates),
            ["volatility"] = Snake(f.Volatility),
            ["mayWrite"] = f.MayWrite,
            ["indirect"] = f.Indirect,
        }));
        target["withoutWhere"] = s.RowLimit == RowLimit.NotApplicable ? null : s.RowLimit == RowLimit.Unlimited;
        target["resultColumns"] = s.ResultColumns.IsDefault ? null : Array(s.ResultColumns.Select(c => new JsonObject
        {
            ["name"] = c.Name,
            ["from"] = Array(c.Sources.Select(x => (JsonNode)$"{x.Relation}.{x.Column}")),
            ["provable"] = c.IsProvable,
        }));
        target["lineageProvable"] = s.IsLineageProvable;
        target["dependsOnLiterals"] = s.DependsOnLiterals;
        target["notes"] = Array(s.Notes.Select(n => (JsonNode)n));
        if (s.Inner is { } inner)
        {
            var inside = new JsonObject();
            Describe(inside, inner);
            target["inner"] = inside;
        }
    }

    private static JsonObject Of(DecisionReason r) => new()
    {
        ["source"] = Snake(r.Source),
        ["rule"] = r.Rule,
        ["verdict"] = Snake(r.Verdict),
        ["message"] = r.Message,
        ["hint"] = r.Hint,
        ["shadow"] = r.IsShadow,
    };

    private static JsonArray Effects(Effects effects) => Array(EffectNames.NamesOf(effects).Select(n => (JsonNode)n));

    private static JsonArray Flags(ColumnUse use) =>
        Array(Enum.GetValues<ColumnUse>().Where(u => u != ColumnUse.None && use.HasFlag(u)).Select(u => (JsonNode)Snake(u)));

    private static string Names(IEnumerable<QualifiedName> candidates) => string.Join(" or ", candidates);

    private static string Snake(Enum value) =>
        string.Concat(value.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static JsonArray Array(IEnumerable<JsonNode?> items) => new([.. items]);
}
