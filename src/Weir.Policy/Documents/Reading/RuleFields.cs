using System.Collections.Immutable;
using System.Text.Json;
using Weir.Policy.Access;
using Weir.Policy.Packs;

namespace Weir.Policy.Documents.Reading;

/// <summary>Reads the specs of GuardrailPack, MaskingRule and AccessRule.</summary>
internal static class RuleFields
{
    public static GuardrailPackDocument ReadPack(DocumentMetadata metadata, FieldReader spec)
    {
        string name = spec.RequiredString("pack", $"one of {PackCatalog.Names}");
        var pack = PackCatalog.Find(name);
        if (pack is null && name.Length > 0)
            spec.Fault(spec.At("pack"), $"unknown pack '{FieldReader.Shorten(name)}': one of {PackCatalog.Names}");

        var overrides = ImmutableSortedDictionary.CreateBuilder<string, PackOverride>(StringComparer.Ordinal);
        foreach (var (rule, text) in spec.StringMap("overrides"))
        {
            string path = $"{spec.At("overrides")}.{FieldReader.Shorten(rule)}";
            if (pack is not null && pack.Rules.All(r => r.Name != rule))
                spec.Fault(path, $"unknown rule of the pack: one of {string.Join(", ", pack.Rules.Select(r => r.Name))}");
            if (spec.ParseEnum(path, text, DocumentNames.PackOverride) is { } change)
                overrides[rule] = change;
        }

        var document = new GuardrailPackDocument(metadata, name, CommonFields.Connections(spec), CommonFields.Principals(spec), overrides.ToImmutable())
        {
            Review = CommonFields.Review(spec, reviewersRequired: false),
            Window = CommonFields.Schedules(spec, "window"),
        };
        if (pack is not null && pack.NeedsWindow && document.Window.IsEmpty)
            spec.Fault(spec.At("window"), "is missing: cron expressions (UTC) of the minutes in which changes are wanted, such as \"* 8-15 * * 1-4\"");
        if (pack is not null && !pack.NeedsWindow && !document.Window.IsEmpty)
            spec.Fault(spec.At("window"), $"has no meaning for the pack '{name}'");
        return document;
    }

    public static MaskingRuleDocument ReadMaskingRule(DocumentMetadata metadata, FieldReader spec)
    {
        var rule = new MaskingRuleDocument(
            metadata,
            CommonFields.Connections(spec),
            CommonFields.Principals(spec),
            CommonFields.Patterns(spec, "columns", 3, 3),
            spec.EnumList("detect", DocumentNames.Detector),
            ReadMask(spec),
            spec.Enum("use", DocumentNames.MaskedUse),
            spec.Enum("unprovable", DocumentNames.UnprovableAction) ?? UnprovableAction.Mask,
            spec.StringList("exceptGroups"));
        if (rule.Columns.IsEmpty && rule.Detect.IsEmpty && spec.Faults.Count == 0)
            spec.Fault(spec.At("columns"), "is missing: give columns, detectors (detect), or both");
        return rule;
    }

    public static AccessRuleDocument ReadAccessRule(DocumentMetadata metadata, FieldReader spec)
    {
        var principals = CommonFields.Principals(spec);
        var connections = CommonFields.Connections(spec);
        var access = spec.Enum("access", DocumentNames.AccessLevel);
        if (access is null && !spec.Faults.Any(f => f.Path == spec.At("access")))
            spec.Fault(spec.At("access"), $"is missing: one of {DocumentNames.AccessLevel.All}");
        var mode = spec.Enum("mode", DocumentNames.AccessMode) ?? AccessMode.Standing;
        var request = spec.Object("request") is { } fields ? ReadRequest(fields) : null;
        if (mode == AccessMode.Request && request is null)
            spec.Fault(spec.At("request"), "is missing: 'mode: request' needs approvers, such as { approvers: [dba], approvals: 1, maxDuration: 4h, requireReason: true }");
        if (mode == AccessMode.Standing && request is not null)
            spec.Fault(spec.At("request"), "has no effect without 'mode: request'");
        var schedule = CommonFields.Schedules(spec, "schedule");
        if (mode == AccessMode.Request && !schedule.IsEmpty)
            spec.Fault(spec.At("schedule"), "has no effect with 'mode: request': a grant says itself how long it holds");
        if (spec.TryGet("schedule", out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 0)
            spec.Fault(spec.At("schedule"), "is an empty list: leave it out for access at any time");
        return new AccessRuleDocument(metadata, principals, connections, access ?? AccessLevel.None, mode, request) { Schedule = schedule };
    }

    private static AccessRequestTerms ReadRequest(FieldReader fields)
    {
        var approvers = fields.StringList("approvers");
        if (approvers.IsEmpty)
            fields.Fault(fields.At("approvers"), "is missing: name at least one group whose members may approve");
        var terms = new AccessRequestTerms(
            approvers,
            (int)(fields.Integer("approvals", 1, 20) ?? 1),
            fields.Duration("maxDuration") ?? TimeSpan.FromHours(4),
            fields.Boolean("requireReason"));
        fields.RejectUnknown();
        return terms;
    }

    // Either a name ("redact") or an object with one name and its options ({ partial: { keepLast: 4 } }).
    private static MaskSpec ReadMask(FieldReader spec)
    {
        if (!spec.TryGet("mask", out var value))
            return new MaskSpec(MaskKind.Redact);
        if (value.ValueKind == JsonValueKind.String)
        {
            var kind = spec.Enum("mask", DocumentNames.MaskKind) ?? MaskKind.Redact;
            return Checked(new MaskSpec(kind), spec, spec.At("mask"));
        }

        var fields = new FieldReader(value, spec.At("mask"), spec.Faults);
        MaskSpec? found = null;
        int given = 0;
        foreach (var kind in Enum.GetValues<MaskKind>())
        {
            if (fields.Object(DocumentNames.MaskKind.NameOf(kind)) is not { } options)
                continue;
            given++;
            found = Checked(ReadOptions(kind, options), options, options.Path);
            options.RejectUnknown();
        }

        fields.RejectUnknown();
        if (given != 1 && fields.Faults.Count == 0)
            fields.Fault(fields.Path, $"give exactly one of {DocumentNames.MaskKind.All}");
        return found ?? new MaskSpec(MaskKind.Redact);
    }

    private static MaskSpec ReadOptions(MaskKind kind, FieldReader options) => kind switch
    {
        MaskKind.Partial => new MaskSpec(
            kind, KeepFirst: (int)(options.Integer("keepFirst", 0, 100) ?? 0), KeepLast: (int)(options.Integer("keepLast", 0, 100) ?? 0)),
        MaskKind.Round => new MaskSpec(kind, RoundTo: Multiple(options)),
        MaskKind.Truncate => new MaskSpec(kind, TruncateTo: options.String("to")),
        _ => new MaskSpec(kind),
    };

    private static decimal Multiple(FieldReader options)
    {
        if (!options.TryGet("to", out var value))
            return 0;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal multiple) && multiple is > 0 and <= 1_000_000_000_000)
            return multiple;
        options.Fault(options.At("to"), $"is {FieldReader.Describe(value)} where a positive number is expected");
        return 1;
    }

    private static MaskSpec Checked(MaskSpec mask, FieldReader fields, string path)
    {
        switch (mask.Kind)
        {
            case MaskKind.Partial when mask is { KeepFirst: 0, KeepLast: 0 }:
                fields.Fault(path, "keeps nothing: give keepFirst or keepLast, or use redact");
                break;
            case MaskKind.Round when mask.RoundTo == 0:
                fields.Fault(path, "needs a multiple to round to: { round: { to: 1000 } }");
                break;
            case MaskKind.Truncate when mask.TruncateTo is not ("year" or "month" or "day" or "hour"):
                fields.Fault(path, "needs a unit: { truncate: { to: year } }, or month, day, hour");
                break;
        }

        return mask;
    }
}
