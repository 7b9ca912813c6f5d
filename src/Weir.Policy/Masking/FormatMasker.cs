using System.Buffers;
using System.Text;

namespace Weir.Policy.Masking;

/// <summary>
/// <c>format</c>: a keyed fake of the same shape. Digits become digits, letters letters of the same case, everything else stays; a number that
/// passes the Luhn check gives one that passes it too. Different values have different fakes (but for letters beyond ASCII, which become ASCII letters, by
/// chance only), so that unique columns stay unique. Whether a value is real can't be told from it, so neither can a fake that is written back.
/// </summary>
internal sealed class FormatMasker(byte[] key) : Masker
{
    private const int OnStack = 256;

    public override MaskResult Mask(ReadOnlySpan<byte> textValue, ValueKind kind, IBufferWriter<byte> output)
    {
        if (kind == ValueKind.Json)
            return JsonLeaves.Mask(textValue, this, output);
        if (kind != ValueKind.Text)
            return KeyedValues.Write(key, textValue, kind, output);

        int length = textValue.Length;
        byte[]? rented = length > OnStack ? ArrayPool<byte>.Shared.Rent(3 * length) : null;
        Span<byte> space = rented ?? stackalloc byte[3 * OnStack];
        try
        {
            output.Write(Fake(textValue, space[..length], space.Slice(length, length), space.Slice(2 * length, length)));
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }

        return MaskResult.Written;
    }

    public override int Pick(ReadOnlySpan<byte> textValue, int count) => KeyedValues.Pick(key, textValue, count);

    /// <param name="form">Receives the result.</param>
    private ReadOnlySpan<byte> Fake(ReadOnlySpan<byte> text, Span<byte> form, Span<byte> radices, Span<byte> digits)
    {
        int written = 0;
        int places = 0;
        int at = 0;
        var tweak = new KeyedForm(stackalloc byte[KeyedPermutation.TweakLength]);
        while (at < text.Length)
        {
            byte b = text[at];
            int used = 1;
            if (b < 0x80)
            {
                byte first = First(b);
                form[written++] = first;
                if (char.IsAsciiLetterOrDigit((char)b))
                {
                    radices[places] = Radix(first);
                    digits[places++] = (byte)(b - first);
                }
            }
            else if (Rune.DecodeFromUtf8(text[at..], out var rune, out used) != OperationStatus.Done || !Rune.IsLetterOrDigit(rune))
            {
                text.Slice(at, used).CopyTo(form[written..]);
                written += used;
            }
            else
            {
                // ASCII is shorter, so the output always fits; which letter it was goes into what the permutation depends on.
                byte first = Rune.IsDigit(rune) ? (byte)'0' : Rune.IsUpper(rune) ? (byte)'A' : (byte)'a';
                tweak.Note(at, rune);
                form[written++] = first;
                radices[places] = Radix(first);
                digits[places++] = (byte)(rune.Value % Radix(first));
            }

            at += used;
        }

        Permute(tweak.Of(key, form[..written]), text, form[..written], radices[..places], digits[..places]);
        return form[..written];
    }

    private void Permute(ReadOnlySpan<byte> tweak, ReadOnlySpan<byte> text, Span<byte> form, ReadOnlySpan<byte> radices, Span<byte> digits)
    {
        if (Luhn.IsCardLike(text))
        {
            // The last digit follows from the others.
            KeyedPermutation.Apply(key, tweak, radices[..^1], digits[..^1]);
            Fill(form, digits);
            Luhn.Fix(form);
            return;
        }

        bool mayBeCard = Luhn.MayBeCard(text);
        do
        {
            KeyedPermutation.Apply(key, tweak, radices, digits);
            Fill(form, digits);
        }
        while (mayBeCard && Luhn.IsCardLike(form));
    }

    private static void Fill(Span<byte> form, ReadOnlySpan<byte> digits)
    {
        int place = 0;
        foreach (ref byte b in form)
        {
            if (b < 0x80 && char.IsAsciiLetterOrDigit((char)b))
                b = (byte)(First(b) + digits[place++]);
        }
    }

    private static byte First(byte b) => (char)b switch
    {
        >= '0' and <= '9' => (byte)'0',
        >= 'a' and <= 'z' => (byte)'a',
        >= 'A' and <= 'Z' => (byte)'A',
        _ => b,
    };

    private static byte Radix(byte first) => first == '0' ? (byte)10 : (byte)26;
}
