namespace Weir.Agent.Recording;

/// <summary>Cutting UTF-8 text without breaking a character.</summary>
internal static class Utf8Text
{
    /// <summary>The longest start of the text that has at most so many bytes and does not end inside a character.</summary>
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text, int maxBytes)
    {
        if (text.Length <= maxBytes)
            return text;
        var end = maxBytes;
        while (end > 0 && maxBytes - end < 3 && (text[end] & 0xC0) == 0x80)
            end--;
        return text[..end];
    }

    /// <summary>The longest start of the text that has at most so many characters and does not end inside a surrogate pair.</summary>
    public static string Cut(string text, int maxChars)
    {
        if (text.Length <= maxChars)
            return text;
        return char.IsHighSurrogate(text[maxChars - 1]) ? text[..(maxChars - 1)] : text[..maxChars];
    }
}
