using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Weir.Policy.Analysis;
using Weir.Policy.Documents.Reading;

namespace Weir.Policy.Documents;

/// <summary>Writes documents as canonical JSON: keys sorted by ordinal, no white space, defaults left out, never the value of a stored secret.</summary>
public static class DocumentWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The whole document: <c>{"apiVersion":…,"kind":…,"metadata":…,"spec":…}</c>.</summary>
    public static void Write(PolicyDocument document, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteString("apiVersion", DocumentReader.ApiVersion);
        json.WriteString("kind", document.Kind);
        json.WriteStartObject("metadata");
        Map(json, "labels", document.Metadata.Labels);
        json.WriteString("name", document.Metadata.Name);
        json.WriteEndObject();
        json.WritePropertyName("spec");
        Spec(json, document);
        json.WriteEndObject();
    }

    /// <summary>The document's spec alone, as it travels in a snapshot.</summary>
    public static void WriteSpec(PolicyDocument document, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, Options);
        Spec(json, document);
    }

    // Within each object the properties stand in ordinal order of their names: that is what makes the text canonical.
    private static void Spec(Utf8JsonWriter json, PolicyDocument document)
    {
        json.WriteStartObject();
        switch (document)
        {
            case ConnectionDocument connection:
                Connection(json, connection);
                break;
            case GuardrailDocument guardrail:
                Guardrail(json, guardrail);
                break;
            case GuardrailPackDocument pack:
                Pack(json, pack);
                break;
            case MaskingRuleDocument rule:
                MaskingRule(json, rule);
                break;
            case AccessRuleDocument rule:
                AccessRule(json, rule);
                break;
            default:
                throw new NotSupportedException($"Kind {document.Kind} can't be written.");
        }

        json.WriteEndObject();
    }

    private static void Connection(Utf8JsonWriter json, ConnectionDocument connection)
    {
        if (!connection.Agents.Names.IsEmpty || !connection.Agents.Labels.IsEmpty)
        {
            json.WriteStartObject("agents");
            Map(json, "labels", connection.Agents.Labels);
            List(json, "names", connection.Agents.Names);
            json.WriteEndObject();
        }

        if (connection.AllowReplication)
            json.WriteBoolean("allowReplication", true);
        json.WriteString("protocol", connection.Protocol);
        var upstream = connection.Upstream;
        json.WriteStartObject("upstream");
        Certificate(json, upstream.ClientCertificate);
        json.WriteString("database", upstream.Database);
        json.WriteString("host", upstream.Host);
        Secret(json, "password", upstream.Password);
        json.WriteNumber("port", upstream.Port);
        if (upstream.ReadOnlyUser is { } readOnly)
        {
            json.WriteStartObject("readOnly");
            Certificate(json, readOnly.ClientCertificate);
            Secret(json, "password", readOnly.Password);
            json.WriteString("user", readOnly.User);
            json.WriteEndObject();
        }

        if (upstream.TargetSessionAttributes != "any")
            json.WriteString("targetSessionAttributes", upstream.TargetSessionAttributes);
        json.WriteString("tls", DocumentNames.UpstreamTls.NameOf(upstream.Tls));
        Text(json, "tlsCaFile", upstream.TlsCaFile);
        json.WriteString("user", upstream.User);
        json.WriteEndObject();
    }

    private static void Certificate(Utf8JsonWriter json, UpstreamCertificate? certificate)
    {
        Secret(json, "clientCertificate", certificate?.Certificate);
        Secret(json, "clientKey", certificate?.Key);
    }

    private static void Secret(Utf8JsonWriter json, string name, SecretReference? secret)
    {
        if (secret is null)
            return;
        json.WriteStartObject(name);
        string source = DocumentNames.SecretSource.NameOf(secret.Source);
        if (secret.Source == SecretSource.Stored || secret.Reference.Length == 0)
        {
            json.WriteStartObject(source);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString(source, secret.Reference);
        }

        json.WriteEndObject();
    }

    private static void Guardrail(Utf8JsonWriter json, GuardrailDocument guardrail)
    {
        if (guardrail.Action is { } action)
            json.WriteString("action", DocumentNames.GuardrailAction.NameOf(action));
        if (guardrail.Budget is { } budget)
        {
            json.WriteStartObject("budget");
            Number(json, "bytesRead", budget.BytesRead);
            json.WriteString("onExceed", DocumentNames.BudgetExceeded.NameOf(budget.OnExceed));
            json.WriteString("per", DocumentNames.BudgetScope.NameOf(budget.Per));
            Number(json, "rowsChanged", budget.RowsChanged);
            Number(json, "rowsRead", budget.RowsRead);
            json.WriteEndObject();
        }

        Connections(json, guardrail.Connections);
        Text(json, "message", guardrail.Message);
        Principals(json, guardrail.Principals);
        if (guardrail.Priority != 0)
            json.WriteNumber("priority", guardrail.Priority);
        Review(json, guardrail.Review);
        if (guardrail.Shadow)
            json.WriteBoolean("shadow", true);
        if (guardrail.When is { } when)
        {
            json.WriteStartObject("when");
            Conditions(json, when);
            json.WriteEndObject();
        }
    }

    /// <summary>The conditions' fields, into an object that the caller opened.</summary>
    internal static void Conditions(Utf8JsonWriter json, GuardrailConditions when)
    {
        List(json, "columns", when.Columns);
        List(json, "effects", [.. EffectNames.NamesOf(when.Effects)]);
        Number(json, "estimatedRowsOver", when.EstimatedRowsOver);
        List(json, "functions", when.Functions);
        List(json, "relations", when.Relations);
        List(json, "schedule", when.Schedule);
        List(json, "settings", when.Settings);
        Text(json, "statementPattern", when.StatementPattern);
        if (when.WithoutWhere)
            json.WriteBoolean("withoutWhere", true);
    }

    private static void Pack(Utf8JsonWriter json, GuardrailPackDocument pack)
    {
        Connections(json, pack.Connections);
        if (!pack.Overrides.IsEmpty)
        {
            json.WriteStartObject("overrides");
            foreach (var (rule, change) in pack.Overrides.OrderBy(o => o.Key, StringComparer.Ordinal))
                json.WriteString(rule, DocumentNames.PackOverride.NameOf(change));
            json.WriteEndObject();
        }

        json.WriteString("pack", pack.Pack);
        Principals(json, pack.Principals);
        Review(json, pack.Review);
        List(json, "window", pack.Window);
    }

    private static void MaskingRule(Utf8JsonWriter json, MaskingRuleDocument rule)
    {
        List(json, "columns", rule.Columns);
        Connections(json, rule.Connections);
        List(json, "detect", [.. rule.Detect.Select(DocumentNames.Detector.NameOf)]);
        List(json, "exceptGroups", rule.ExceptGroups);
        Mask(json, rule.Mask);
        Principals(json, rule.Principals);
        json.WriteString("unprovable", DocumentNames.UnprovableAction.NameOf(rule.Unprovable));
        if (rule.Use is { } use)
            json.WriteString("use", DocumentNames.MaskedUse.NameOf(use));
    }

    private static void Mask(Utf8JsonWriter json, MaskSpec mask)
    {
        string kind = DocumentNames.MaskKind.NameOf(mask.Kind);
        if (mask.Kind is not (MaskKind.Partial or MaskKind.Round or MaskKind.Truncate))
        {
            json.WriteString("mask", kind);
            return;
        }

        json.WriteStartObject("mask");
        json.WriteStartObject(kind);
        if (mask.KeepFirst > 0)
            json.WriteNumber("keepFirst", mask.KeepFirst);
        if (mask.KeepLast > 0)
            json.WriteNumber("keepLast", mask.KeepLast);
        if (mask.Kind == MaskKind.Round)
            json.WriteNumber("to", mask.RoundTo);
        Text(json, "to", mask.TruncateTo);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void AccessRule(Utf8JsonWriter json, AccessRuleDocument rule)
    {
        json.WriteString("access", DocumentNames.AccessLevel.NameOf(rule.Access));
        Connections(json, rule.Connections);
        json.WriteString("mode", DocumentNames.AccessMode.NameOf(rule.Mode));
        Principals(json, rule.Principals);
        if (rule.Request is { } request)
        {
            json.WriteStartObject("request");
            json.WriteNumber("approvals", request.Approvals);
            List(json, "approvers", request.Approvers);
            json.WriteString("maxDuration", DurationText.Format(request.MaxDuration));
            if (request.RequireReason)
                json.WriteBoolean("requireReason", true);
            json.WriteEndObject();
        }

        List(json, "schedule", rule.Schedule);
    }

    private static void Connections(Utf8JsonWriter json, ConnectionSelector selector)
    {
        if (selector.Names.IsEmpty && selector.Labels.IsEmpty)
            return;
        json.WriteStartObject("connections");
        Map(json, "labels", selector.Labels);
        List(json, "names", selector.Names);
        json.WriteEndObject();
    }

    private static void Principals(Utf8JsonWriter json, PrincipalSelector selector)
    {
        if (selector.Names.IsEmpty && selector.Groups.IsEmpty && selector.Kinds.IsEmpty)
            return;
        json.WriteStartObject("principals");
        List(json, "groups", selector.Groups);
        List(json, "kinds", [.. selector.Kinds.Select(DocumentNames.PrincipalKind.NameOf)]);
        List(json, "names", selector.Names);
        json.WriteEndObject();
    }

    private static void Review(Utf8JsonWriter json, ReviewTerms? review)
    {
        if (review is null)
            return;
        json.WriteStartObject("review");
        json.WriteNumber("approvals", review.Approvals);
        json.WriteString("expiresAfter", DurationText.Format(review.ExpiresAfter));
        List(json, "reviewers", review.Reviewers);
        if (review.ShowEffect)
            json.WriteBoolean("showEffect", true);
        if (review.Window is { } window)
            json.WriteString("window", window == TimeSpan.Zero ? "none" : DurationText.Format(window));
        json.WriteEndObject();
    }

    private static void List(Utf8JsonWriter json, string name, ImmutableArray<string> values)
    {
        if (values.IsEmpty)
            return;
        json.WriteStartArray(name);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static void Map(Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, string> values)
    {
        if (values.IsEmpty)
            return;
        json.WriteStartObject(name);
        foreach (var (key, value) in values.OrderBy(v => v.Key, StringComparer.Ordinal))
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }

    private static void Number(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
    }
}
