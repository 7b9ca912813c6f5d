namespace Weir.Policy.Documents;

/// <summary>One declarative document (<c>apiVersion: weir/v1</c>): a closed set of kinds. Immutable; made by <c>DocumentReader</c>, which has checked it.</summary>
public abstract record PolicyDocument(DocumentMetadata Metadata)
{
    /// <summary>The document's <c>kind</c>.</summary>
    public abstract string Kind { get; }
}
