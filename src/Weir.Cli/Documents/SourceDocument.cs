using System.Text.Json.Nodes;

namespace Weir.Cli.Documents;

/// <summary>A document and where it was read.</summary>
/// <param name="Source">File and, when it holds several, the number of the document in it.</param>
internal sealed record SourceDocument(string Source, JsonObject Content)
{
    /// <summary>Source, and kind and name as far as they can be read: what an error says first.</summary>
    public string Label
    {
        get
        {
            var name = TextOf(Content["metadata"] is JsonObject metadata ? metadata["name"] : null);
            return TextOf(Content["kind"]) is { } kind ? $"{Source} ({kind}{(name is null ? "" : "/" + name)})" : Source;
        }
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
