using System.Buffers;
using System.Text.Json;

namespace Weir.Sql.Parsing;

/// <summary>A JSON document in a rented buffer; owns both.</summary>
internal sealed class ParseTree : IDisposable
{
    private readonly JsonDocument _document;
    private byte[]? _buffer;

    private ParseTree(JsonDocument document, byte[] buffer)
    {
        _document = document;
        _buffer = buffer;
    }

    public JsonElement Root => _document.RootElement;

    /// <summary>Copies <paramref name="json"/>.</summary>
    /// <exception cref="JsonException">Not JSON, or nested deeper than <paramref name="maxDepth"/>.</exception>
    public static ParseTree Copy(ReadOnlySpan<byte> json, int maxDepth)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(json.Length);
        try
        {
            json.CopyTo(buffer);
            var document = JsonDocument.Parse(buffer.AsMemory(0, json.Length), new JsonDocumentOptions { MaxDepth = maxDepth });
            return new ParseTree(document, buffer);
        }
        catch (JsonException)
        {
            Return(buffer);
            throw;
        }
    }

    public void Dispose()
    {
        _document.Dispose();
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            Return(buffer);
    }

    // The tree repeats the statement's literals, which may be anybody's data.
    private static void Return(byte[] buffer) => ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
}
