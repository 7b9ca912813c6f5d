using System.Collections.Immutable;
using System.Text.Json;
using Weir.Policy.Patterns;

namespace Weir.Policy.Documents.Reading;

/// <summary>Reads the spec of a Guardrail.</summary>
internal static class GuardrailFields
{
    public static GuardrailDocument Read(DocumentMetadata metadata, FieldReader spec)
    {
        var connections = CommonFields.Connections(spec);
        var principals = CommonFields.Principals(spec);
        var when = spec.Object("when") is { } conditions ? ReadConditions(conditions) : null;
        var action = spec.Enum("action", DocumentNames.GuardrailAction);
        var review = CommonFields.Review(spec, reviewersRequired: true);
        var budget = spec.Object("budget") is { } limits ? ReadBudget(limits) : null;
        var guardrail = new GuardrailDocument(
            metadata,
            connections,
            principals,
            when,
            action,
            review,
            budget,
            (int)(spec.Integer("priority", -1_000_000, 1_000_000) ?? 0),
            spec.String("message", 1_000),
            spec.Boolean("shadow"));
        Check(guardrail, spec);
        return guardrail;
    }

    private static void Check(GuardrailDocument guardrail, FieldReader spec)
    {
        if (guardrail.When is null && guardrail.Budget is null)
            spec.Fault(spec.At("when"), "is missing: give conditions and an action, or a budget");
        if (guardrail.When is not null && guardrail.Action is null && !spec.Faults.Any(f => f.Path == spec.At("action")))
            spec.Fault(spec.At("action"), $"is missing: one of {DocumentNames.GuardrailAction.All}");
        if (guardrail.When is null && guardrail.Action is not null)
            spec.Fault(spec.At("when"), "is missing: an action needs conditions");
        if (guardrail.Action == GuardrailAction.Review && guardrail.Review is null)
            spec.Fault(spec.At("review"), "is missing: an action 'review' needs reviewers, such as { reviewers: [dba], approvals: 1, expiresAfter: 15m }");
        if (guardrail.Budget?.OnExceed == BudgetExceeded.Review && guardrail.Review is null)
            spec.Fault(spec.At("review"), "is missing: a budget with 'onExceed: review' needs reviewers");
        if (guardrail.Review is not null && guardrail.Action != GuardrailAction.Review && guardrail.Budget?.OnExceed != BudgetExceeded.Review)
            spec.Fault(spec.At("review"), "has no effect without 'action: review' or a budget with 'onExceed: review'");
        if (guardrail.Action == GuardrailAction.Allow && guardrail.When?.EstimatedRowsOver is not null)
            spec.Fault(spec.At("when.estimatedRowsOver"), "can't be combined with 'allow': an estimate can only make a verdict stricter");
    }

    private static GuardrailConditions ReadConditions(FieldReader fields)
    {
        var conditions = new GuardrailConditions(
            CommonFields.EffectSet(fields, "effects"),
            CommonFields.Patterns(fields, "relations", 2, 2),
            CommonFields.Patterns(fields, "columns", 3, 3),
            CommonFields.Patterns(fields, "functions", 1, 2),
            fields.Boolean("withoutWhere"),
            fields.Integer("estimatedRowsOver", 0, 1_000_000_000_000),
            fields.String("statementPattern", StatementPattern.MaxLength),
            CommonFields.Schedules(fields, "schedule"))
        {
            Settings = Settings(fields),
        };
        if (conditions.StatementPattern is { Length: > 0 } expression && !StatementPattern.TryParse(expression, out _, out string? fault))
            fields.Fault(fields.At("statementPattern"), fault);

        // A map or list that is there but empty would silently widen the rule to everything.
        bool isEmpty = conditions is { Effects: 0, Relations.IsEmpty: true, Columns.IsEmpty: true, Functions.IsEmpty: true, Settings.IsEmpty: true }
            && conditions is { WithoutWhere: false, EstimatedRowsOver: null, StatementPattern: null, Schedule.IsEmpty: true };
        if (isEmpty && fields.Faults.Count == 0)
            fields.Fault(fields.Path, "holds no condition: name at least one, such as effects: [drop, truncate]");
        foreach (string name in (string[])["effects", "relations", "columns", "functions", "settings", "schedule"])
        {
            if (fields.TryGet(name, out var value) && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0)
                fields.Fault(fields.At(name), "is an empty list: leave it out, or name something");
        }

        fields.RejectUnknown();
        return conditions;
    }

    private static ImmutableArray<string> Settings(FieldReader fields)
    {
        foreach (var (path, text) in fields.Strings("settings"))
        {
            if (!SettingPattern.TryParse(text, out _, out string? fault))
                fields.Fault(path, fault);
        }

        return fields.StringList("settings");
    }

    private static BudgetTerms ReadBudget(FieldReader fields)
    {
        var budget = new BudgetTerms(
            fields.Integer("rowsChanged", 0, long.MaxValue),
            fields.Integer("rowsRead", 0, long.MaxValue),
            fields.Integer("bytesRead", 0, long.MaxValue),
            fields.Enum("per", DocumentNames.BudgetScope) ?? BudgetScope.Statement,
            fields.Enum("onExceed", DocumentNames.BudgetExceeded) ?? BudgetExceeded.Rollback);
        if (budget is { RowsChanged: null, RowsRead: null, BytesRead: null } && fields.Faults.Count == 0)
            fields.Fault(fields.Path, "holds no limit: give rowsChanged, rowsRead or bytesRead");
        fields.RejectUnknown();
        return budget;
    }
}
