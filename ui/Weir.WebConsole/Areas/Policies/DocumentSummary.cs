using System.Text.Json;
using Weir.ControlPlane.Application.Features.Documents;
using Weir.Policy.Documents;

namespace Weir.WebConsole.Areas.Policies;

/// <summary>A document in a few words, for lists. What it can't read it leaves out.</summary>
internal static class DocumentSummary
{
    public static string Of(DocumentView document)
    {
        var spec = document.Spec;
        var words = document.Kind switch
        {
            ConnectionDocument.KindName => [$"{Text(spec, "upstream", "host")}:{Text(spec, "upstream", "port")}/{Text(spec, "upstream", "database")}"],
            AccessRuleDocument.KindName => [Text(spec, "access"), Text(spec, "mode"), Selected(spec, "principals")],
            GuardrailDocument.KindName => [Text(spec, "action"), Text(spec, "when", "effects"), Text(spec, "when", "relations"), Budget(spec)],
            GuardrailPackDocument.KindName => [Text(spec, "pack")],
            MaskingRuleDocument.KindName => [Text(spec, "columns"), Text(spec, "detect"), Mask(spec)],
            _ => Array.Empty<string>(),
        };
        return string.Join(" · ", words.Where(w => w.Length > 0));
    }

    private static string Budget(JsonElement spec) =>
        Text(spec, "budget", "rowsChanged") is { Length: > 0 } changed ? $"at most {changed} rows changed"
        : Text(spec, "budget", "rowsRead") is { Length: > 0 } read ? $"at most {read} rows read"
        : "";

    private static string Mask(JsonElement spec) => Find(spec, "mask") switch
    {
        { ValueKind: JsonValueKind.String } name => name.GetString()!,
        { ValueKind: JsonValueKind.Object } mask => string.Join(", ", mask.EnumerateObject().Select(p => p.Name)),
        _ => "",
    };

    private static string Selected(JsonElement spec, string selector) => Find(spec, selector) is { ValueKind: JsonValueKind.Object } chosen
        ? string.Join(", ", chosen.EnumerateObject().Select(p => Text(chosen, p.Name)).Where(t => t.Length > 0))
        : "";

    private static string Text(JsonElement element, params ReadOnlySpan<string> path) => Find(element, path) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        { ValueKind: JsonValueKind.Array } list => string.Join(", ", list.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString())),
        _ => "",
    };

    private static JsonElement? Find(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return null;
            }
        }

        return element;
    }
}
