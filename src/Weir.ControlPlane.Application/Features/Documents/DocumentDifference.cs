using System.Text.Json;
using Weir.ControlPlane.Domain.Documents;

namespace Weir.ControlPlane.Application.Features.Documents;

/// <summary>Names what differs between two versions of a document, down to single members and whole lists.</summary>
internal static class DocumentDifference
{
    public static IEnumerable<string> Paths(PolicyDocumentRecord before, IReadOnlyDictionary<string, string> labels, string spec)
    {
        foreach (var label in before.Labels.Keys.Union(labels.Keys).Order(StringComparer.Ordinal))
        {
            if (before.Labels.GetValueOrDefault(label) != labels.GetValueOrDefault(label))
            {
                yield return $"metadata.labels.{label}";
            }
        }

        if (before.Spec == spec)
        {
            yield break;
        }

        using var old = JsonDocument.Parse(before.Spec);
        using var now = JsonDocument.Parse(spec);
        foreach (var path in Paths("spec", old.RootElement, now.RootElement))
        {
            yield return path;
        }
    }

    private static List<string> Paths(string path, JsonElement before, JsonElement after)
    {
        if (before.ValueKind != JsonValueKind.Object || after.ValueKind != JsonValueKind.Object)
        {
            return before.GetRawText() == after.GetRawText() ? [] : [path];
        }

        var paths = new List<string>();
        var names = before.EnumerateObject().Select(p => p.Name).Union(after.EnumerateObject().Select(p => p.Name)).Order(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var had = before.TryGetProperty(name, out var old);
            var has = after.TryGetProperty(name, out var now);
            if (had && has)
            {
                paths.AddRange(Paths($"{path}.{name}", old, now));
            }
            else
            {
                paths.Add($"{path}.{name}");
            }
        }

        return paths;
    }
}
