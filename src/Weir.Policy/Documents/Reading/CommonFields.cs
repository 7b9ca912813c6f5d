using System.Collections.Immutable;
using Weir.Policy.Analysis;
using Weir.Policy.Patterns;
using Weir.Policy.Schedules;

namespace Weir.Policy.Documents.Reading;

/// <summary>Fields that several kinds share.</summary>
internal static class CommonFields
{
    public static ConnectionSelector Connections(FieldReader spec)
    {
        if (spec.Object("connections") is not { } fields)
            return ConnectionSelector.All;
        var selector = new ConnectionSelector(fields.StringList("names"), fields.StringMap("labels"));
        fields.RejectUnknown();
        RequireSome(fields, selector.Names.IsEmpty && selector.Labels.IsEmpty, "names or labels");
        return selector;
    }

    public static PrincipalSelector Principals(FieldReader spec)
    {
        if (spec.Object("principals") is not { } fields)
            return PrincipalSelector.All;
        var selector = new PrincipalSelector(fields.StringList("names"), fields.StringList("groups"), fields.EnumList("kinds", DocumentNames.PrincipalKind));
        fields.RejectUnknown();
        RequireSome(fields, selector.Names.IsEmpty && selector.Groups.IsEmpty && selector.Kinds.IsEmpty, "names, groups or kinds");
        return selector;
    }

    public static ReviewTerms? Review(FieldReader spec, bool reviewersRequired)
    {
        if (spec.Object("review") is not { } fields)
            return null;
        var reviewers = fields.StringList("reviewers");
        if (reviewersRequired && reviewers.IsEmpty)
            fields.Fault(fields.At("reviewers"), "is missing: name at least one group whose members may approve");
        var terms = new ReviewTerms(
            reviewers,
            (int)(fields.Integer("approvals", 1, 20) ?? 1),
            fields.Duration("expiresAfter") ?? ReviewTerms.Default.ExpiresAfter,
            fields.Boolean("showEffect"),
            fields.Window("window", ReviewTerms.MaxWindow));
        fields.RejectUnknown();
        return terms;
    }

    public static ImmutableArray<string> Patterns(FieldReader fields, string name, int minParts, int maxParts)
    {
        var list = ImmutableArray.CreateBuilder<string>();
        foreach (var (path, text) in fields.Strings(name))
        {
            if (!NamePattern.TryParse(text, minParts, maxParts, out _, out string? fault))
                fields.Fault(path, $"'{FieldReader.Shorten(text)}' {fault}");
            list.Add(text);
        }

        return list.ToImmutable();
    }

    public static ImmutableArray<string> Schedules(FieldReader fields, string name)
    {
        var list = ImmutableArray.CreateBuilder<string>();
        foreach (var (path, text) in fields.Strings(name))
        {
            if (!CronSchedule.TryParse(text, out _, out string? fault))
                fields.Fault(path, fault);
            list.Add(text);
        }

        return list.ToImmutable();
    }

    public static Effects EffectSet(FieldReader fields, string name)
    {
        var effects = Effects.None;
        foreach (var (path, text) in fields.Strings(name))
        {
            if (EffectNames.TryParse(text, out var effect))
                effects |= effect;
            else
                fields.Fault(path, $"unknown effect '{FieldReader.Shorten(text)}': one of {string.Join(", ", EffectNames.All)}");
        }

        return effects;
    }

    // A selector that was written but names nothing would silently mean "all".
    private static void RequireSome(FieldReader fields, bool isEmpty, string what)
    {
        if (isEmpty)
            fields.Fault(fields.Path, $"selects nothing: give {what}, or leave it out to mean all");
    }
}
