using System.Buffers;
using System.Text;

namespace Weir.Policy.Masking;

/// <summary>
/// <c>format</c>: a keyed fake of the same shape. Digits become digits, letters letters of the same case, everything else stays; a number that
/// passes the Luhn check gives one that passes it too. Whether a value is real can't be told from it, so neither can a fake that is written back.
/// </summary>
internal sealed class FormatMasker(byte[] key) : Masker
{
    public override MaskResult Mask(ReadOnlySpan<byte> textValue, ValueKind kind, IBufferWriter<byte> output)
    {
        if (kind == ValueKind.Json)
            return JsonLeaves.Mask(textValue, this, output);
        var stream = new KeyedStream(key, textValue, stackalloc byte[KeyedStream.SpaceLength]);
        if (kind != ValueKind.Text)
            return KeyedValues.Write(ref stream, textValue, kind, output);

        var to = output.GetSpan(textValue.Length);
        int written = 0;
        int at = 0;
        while (at < textValue.Length)
        {
            byte b = textValue[at];
            if (b < 0x80)
            {
                to[written++] = Fake(b, ref stream);
                at++;
                continue;
            }

            // Letters beyond ASCII become ASCII letters: shorter, so the output always fits.
            if (Rune.DecodeFromUtf8(textValue[at..], out var rune, out int used) != OperationStatus.Done || !Rune.IsLetterOrDigit(rune))
            {
                textValue.Slice(at, used).CopyTo(to[written..]);
                written += used;
            }
            else
            {
                to[written++] = Fake(Rune.IsDigit(rune) ? (byte)'0' : Rune.IsUpper(rune) ? (byte)'A' : (byte)'a', ref stream);
            }

            at += used;
        }

        if (Luhn.IsCardLike(textValue))
            Luhn.Fix(to[..written]);
        output.Advance(written);
        return MaskResult.Written;
    }

    private static byte Fake(byte b, ref KeyedStream stream) => (char)b switch
    {
        >= '0' and <= '9' => (byte)('0' + stream.Below(10)),
        >= 'a' and <= 'z' => (byte)('a' + stream.Below(26)),
        >= 'A' and <= 'Z' => (byte)('A' + stream.Below(26)),
        _ => b,
    };
}
