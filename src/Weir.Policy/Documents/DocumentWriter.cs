using System.Buffers;

namespace Weir.Policy.Documents;

/// <summary>Writes documents as canonical JSON: keys sorted by ordinal, no white space, defaults left out, never the value of a stored secret.</summary>
public static class DocumentWriter
{
    /// <summary>The whole document: <c>{"apiVersion":…,"kind":…,"metadata":…,"spec":…}</c>.</summary>
    public static void Write(PolicyDocument document, IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>The document's spec alone, as it travels in a snapshot.</summary>
    public static void WriteSpec(PolicyDocument document, IBufferWriter<byte> output) => throw new NotImplementedException();
}
