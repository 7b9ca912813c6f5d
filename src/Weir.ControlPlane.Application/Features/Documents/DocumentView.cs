using System.Text.Json;
using Weir.ControlPlane.Domain.Documents;

namespace Weir.ControlPlane.Application.Features.Documents;

/// <summary>A document as it is given out: whole, and without the value of any stored secret.</summary>
public sealed record DocumentView(Guid Id, string ApiVersion, string Kind, DocumentView.MetadataView Metadata, JsonElement Spec, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public const string CurrentApiVersion = "weir/v1";

    public sealed record MetadataView(string Name, IReadOnlyDictionary<string, string> Labels);

    internal static DocumentView Of(PolicyDocumentRecord record)
    {
        using var spec = JsonDocument.Parse(record.Spec);
        return new(
            record.Id.Value,
            CurrentApiVersion,
            record.Kind,
            new MetadataView(record.Name, record.Labels),
            spec.RootElement.Clone(),
            record.CreatedAt,
            record.UpdatedAt);
    }
}
