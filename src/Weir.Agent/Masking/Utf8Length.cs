namespace Weir.Agent.Masking;

/// <summary>Lengths of texts in characters.</summary>
internal static class Utf8Length
{
    /// <summary>Bytes of the first characters; all bytes when there are not more characters.</summary>
    public static int Of(ReadOnlySpan<byte> utf8, int characters)
    {
        for (var i = 0; i < utf8.Length; i++)
        {
            // Continuation bytes are 10xxxxxx.
            if ((utf8[i] & 0xC0) != 0x80 && characters-- == 0)
                return i;
        }

        return utf8.Length;
    }
}
