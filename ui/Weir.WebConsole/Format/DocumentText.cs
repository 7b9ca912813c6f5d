using System.Text.Encodings.Web;
using System.Text.Json;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Documents;

namespace Weir.WebConsole.Format;

/// <summary>Policy documents as text that people read and edit.</summary>
internal static class DocumentText
{
    // Razor encodes what it writes; escapes inside the JSON would only make it hard to read.
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 64, AllowDuplicateProperties = false };

    public static string Of(DocumentView document)
    {
        var labels = document.Metadata.Labels.Count > 0 ? document.Metadata.Labels : null;
        object metadata = labels is null ? new { document.Metadata.Name } : new { document.Metadata.Name, labels };
        return JsonSerializer.Serialize(new { document.ApiVersion, document.Kind, metadata, document.Spec }, Indented);
    }

    /// <summary>One document, or an array of several.</summary>
    /// <exception cref="ValidationFailedException">It is not JSON, or neither.</exception>
    public static IReadOnlyList<JsonElement> Read(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text, Lenient);
            return json.RootElement.ValueKind switch
            {
                JsonValueKind.Object => [json.RootElement.Clone()],
                JsonValueKind.Array => [.. json.RootElement.EnumerateArray().Select(d => d.Clone())],
                _ => throw new ValidationFailedException("", "A document is a JSON object: { apiVersion, kind, metadata, spec }."),
            };
        }
        catch (JsonException e)
        {
            var where = e.LineNumber is { } line ? $"line {line + 1}" : "";
            throw new ValidationFailedException([new RequestFault(where, "This is not JSON. Look for a missing comma, quote or bracket here or just before.")]);
        }
    }

    /// <summary>The same text, indented as documents are shown; as it is when it does not read.</summary>
    public static string Tidy(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text, Lenient);
            return JsonSerializer.Serialize(json.RootElement, Indented);
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
