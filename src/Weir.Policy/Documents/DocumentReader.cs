using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Weir.Policy.Documents;

/// <summary>Reads declarative documents. All of a document is right, or nothing of it is taken.</summary>
public static class DocumentReader
{
    /// <summary>Reads one whole document: <c>{ apiVersion, kind, metadata, spec }</c>.</summary>
    /// <param name="faults">Everything that is wrong with it; empty on success.</param>
    public static bool TryRead(JsonElement document, [NotNullWhen(true)] out PolicyDocument? read, out ImmutableArray<DocumentFault> faults) => throw new NotImplementedException();

    /// <summary>Reads a document that travels in parts, as in a snapshot: kind, name, labels, and the UTF-8 JSON of its spec.</summary>
    public static bool TryRead(
        string kind,
        string name,
        IEnumerable<KeyValuePair<string, string>> labels,
        ReadOnlyMemory<byte> spec,
        [NotNullWhen(true)] out PolicyDocument? read,
        out ImmutableArray<DocumentFault> faults) => throw new NotImplementedException();
}
