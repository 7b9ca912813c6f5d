namespace Weir.Agent.Recording;

/// <summary>The buffer in which a thread encodes an event: room for the header, then the body. Used within one call only.</summary>
internal static class EventScratch
{
    private const int KeptBytes = 256 * 1024;

    [ThreadStatic]
    private static byte[]? _buffer;

    /// <summary>A buffer whose part from <see cref="EventHeader.MaxSize"/> on has room for the body.</summary>
    public static byte[] Rent(int bodyBytes)
    {
        var size = EventHeader.MaxSize + bodyBytes;
        if (_buffer is { } kept && kept.Length >= size)
            return kept;
        var buffer = GC.AllocateUninitializedArray<byte>(Math.Max(size, 16 * 1024));
        if (buffer.Length <= KeptBytes)
            _buffer = buffer;
        return buffer;
    }
}
