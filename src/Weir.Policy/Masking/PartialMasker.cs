using System.Buffers;

namespace Weir.Policy.Masking;

/// <summary>
/// <c>partial</c>: the first and last characters of a text stay, each other one becomes <c>*</c>. A text of which less would be hidden than shown is
/// masked whole; so are types whose values have no characters.
/// </summary>
internal sealed class PartialMasker(int keepFirst, int keepLast) : Masker
{
    public override MaskResult Mask(ReadOnlySpan<byte> textValue, ValueKind kind, IBufferWriter<byte> output)
    {
        if (kind == ValueKind.Json)
            return JsonLeaves.Mask(textValue, this, output);
        if (kind != ValueKind.Text)
            return FixedValues.Write(textValue, kind, output);

        // character(n) pads with blanks, which are no characters to keep.
        var value = textValue.TrimEnd((byte)' ');
        int characters = CountCharacters(value);
        if (characters < 2 * (keepFirst + keepLast))
            return FixedValues.Write(textValue, kind, output);

        int head = OffsetOf(value, keepFirst);
        int tail = OffsetOf(value, characters - keepLast);
        int hidden = characters - keepFirst - keepLast;
        var to = output.GetSpan(head + hidden + (value.Length - tail));
        value[..head].CopyTo(to);
        to.Slice(head, hidden).Fill((byte)'*');
        value[tail..].CopyTo(to[(head + hidden)..]);
        output.Advance(head + hidden + (value.Length - tail));
        return MaskResult.Written;
    }

    public override bool IsRecognizable => true;

    public override bool Recognizes(ReadOnlySpan<byte> textValue)
    {
        var value = textValue.TrimEnd((byte)' ');
        if (value.SequenceEqual(FixedValues.Text))
            return true;
        int characters = CountCharacters(value);
        if (characters < 2 * (keepFirst + keepLast) || characters == keepFirst + keepLast)
            return false;
        var middle = value[OffsetOf(value, keepFirst)..OffsetOf(value, characters - keepLast)];
        return middle.Length > 1 && middle.IndexOfAnyExcept((byte)'*') < 0;
    }

    private static int CountCharacters(ReadOnlySpan<byte> utf8)
    {
        int count = 0;
        foreach (byte b in utf8)
        {
            if (IsStart(b))
                count++;
        }

        return count;
    }

    private static int OffsetOf(ReadOnlySpan<byte> utf8, int character)
    {
        int seen = 0;
        for (int i = 0; i < utf8.Length; i++)
        {
            if (IsStart(utf8[i]) && seen++ == character)
                return i;
        }

        return utf8.Length;
    }

    // Continuation bytes of UTF-8 are 10xxxxxx.
    private static bool IsStart(byte b) => (b & 0xC0) != 0x80;
}
