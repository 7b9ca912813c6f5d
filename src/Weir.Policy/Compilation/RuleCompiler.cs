using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using Weir.Policy.Documents;
using Weir.Policy.Packs;

namespace Weir.Policy.Compilation;

/// <summary>Makes compiled rules of guardrails and packs.</summary>
internal static class RuleCompiler
{
    public static CompiledRule? Compile(GuardrailDocument document)
    {
        if (document.When is not { } when || document.Action is not { } action)
            return null;
        var reason = new DecisionReason(
            ReasonSource.Guardrail,
            document.Metadata.Name,
            VerdictOf(action),
            document.Message ?? Describe(when),
            Hint(when, action),
            document.Shadow);
        return new CompiledRule(
            document.Metadata.Name,
            document.Connections,
            document.Principals,
            new RuleConditions(new PackConditions(when), []),
            VerdictOf(action),
            document.Review ?? (action == GuardrailAction.Review ? ReviewTerms.Default : null),
            document.Priority,
            document.Shadow,
            reason,
            DigestOf(document, ""));
    }

    /// <exception cref="FormatException">The pack does not ship with this version.</exception>
    public static IEnumerable<CompiledRule> Compile(GuardrailPackDocument document)
    {
        var pack = PackCatalog.Find(document.Pack)
            ?? throw new FormatException($"unknown pack '{document.Pack}': this version ships {PackCatalog.Names}");
        var principals = document.Principals is { Names.IsEmpty: true, Groups.IsEmpty: true, Kinds.IsEmpty: true } ? pack.Principals : document.Principals;
        foreach (var rule in pack.Rules)
        {
            var action = rule.Action;
            bool shadow = false;
            if (document.Overrides.TryGetValue(rule.Name, out var change))
            {
                if (change == PackOverride.Off)
                    continue;
                shadow = change == PackOverride.Shadow;
                action = change switch
                {
                    PackOverride.Allow => GuardrailAction.Allow,
                    PackOverride.Deny => GuardrailAction.Deny,
                    PackOverride.Review => GuardrailAction.Review,
                    _ => action,
                };
            }

            string name = $"{document.Metadata.Name}/{rule.Name}";
            yield return new CompiledRule(
                name,
                document.Connections,
                principals,
                new RuleConditions(rule.When, document.Window),
                VerdictOf(action),
                action == GuardrailAction.Review ? document.Review ?? ReviewTerms.Default : null,
                0,
                shadow,
                new DecisionReason(ReasonSource.Guardrail, name, VerdictOf(action), rule.Message, rule.Hint, shadow),
                DigestOf(document, $"{pack.Version}/{rule.Name}"));
        }
    }

    private static Verdict VerdictOf(GuardrailAction action) => action switch
    {
        GuardrailAction.Allow => Verdict.Allow,
        GuardrailAction.Review => Verdict.Review,
        _ => Verdict.Deny,
    };

    private static byte[] DigestOf(PolicyDocument document, string part)
    {
        var text = new ArrayBufferWriter<byte>();
        DocumentWriter.Write(document, text);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(text.WrittenSpan);
        hash.AppendData(Encoding.UTF8.GetBytes(part));
        return hash.GetHashAndReset();
    }

    private static string Describe(GuardrailConditions when)
    {
        var parts = new List<string>();
        if (when.Effects != 0)
            parts.Add($"its effect is {string.Join(" or ", EffectNames.NamesOf(when.Effects))}");
        if (!when.Relations.IsEmpty)
            parts.Add($"it touches {Some(when.Relations)}");
        if (!when.Columns.IsEmpty)
            parts.Add($"it uses the columns {Some(when.Columns)}");
        if (!when.Functions.IsEmpty)
            parts.Add($"it calls {Some(when.Functions)}");
        if (!when.Settings.IsEmpty)
            parts.Add($"it changes the setting {Some(when.Settings)}");
        if (when.WithoutWhere)
            parts.Add("no real predicate limits the rows that it changes");
        if (when.EstimatedRowsOver is { } rows)
            parts.Add($"it is expected to touch more than {rows} rows");
        if (when.StatementPattern is not null)
            parts.Add("its text matches a forbidden pattern");
        if (!when.Schedule.IsEmpty)
            parts.Add("it is not wanted at this time");
        return string.Join(", and ", parts);
    }

    private static string Some(ImmutableArray<string> names) => string.Join(", ", names.Take(3)) + (names.Length > 3 ? ", …" : "");

    private static string Hint(GuardrailConditions when, GuardrailAction action)
    {
        if (action == GuardrailAction.Review)
            return "Wait for the review; send the same statement again if your connection ends before.";
        if (when.WithoutWhere)
            return "Add a WHERE clause that names the rows by key or by values, and that can be false.";
        if (when.EstimatedRowsOver is not null)
            return "Narrow the statement down, or do it in smaller parts.";
        return when.Schedule.IsEmpty
            ? "Change the statement so that the rule does not apply, or ask the rule's owner for an exception (an allow rule of higher priority)."
            : "Try again at another time, or ask the rule's owner for an exception.";
    }
}
