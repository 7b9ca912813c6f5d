using System.Text.Json;
using Weir.ControlPlane.Application.Failures;
using Weir.Policy.Documents;

namespace Weir.ControlPlane.Application.Features.Documents;

/// <summary>Reads a set of documents that a caller sent: all of them, or none and everything that is wrong with any.</summary>
internal static class SubmittedDocuments
{
    public const int MaxDocuments = 1000;
    public const int MaxDocumentLength = 256 * 1024;

    /// <exception cref="ValidationFailedException">Names each fault as <c>documents[i].path</c>.</exception>
    public static IReadOnlyList<PolicyDocument> Read(IReadOnlyList<JsonElement> documents)
    {
        var read = new List<PolicyDocument>();
        var faults = new List<RequestFault>();
        var names = new HashSet<(string, string)>();
        for (var i = 0; i < documents.Count; i++)
        {
            if (!DocumentReader.TryRead(documents[i], out var document, out var wrong))
            {
                faults.AddRange(wrong.Select(f => new RequestFault(f.Path.Length == 0 ? $"documents[{i}]" : $"documents[{i}].{f.Path}", f.Message)));
            }
            else if (!names.Add((document.Kind, document.Metadata.Name)))
            {
                faults.Add(new($"documents[{i}].metadata.name", $"There is a second {document.Kind} \"{document.Metadata.Name}\" in this set."));
            }
            else
            {
                read.Add(document);
            }
        }

        return faults.Count == 0 ? read : throw new ValidationFailedException(faults);
    }
}
