using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace Weir.Policy.Masking;

/// <summary><c>round</c>: numbers go to the next multiple towards zero, so that they never leave their type's range. Other values are redacted.</summary>
internal sealed class RoundMasker(decimal multiple) : Masker
{
    public override MaskResult Mask(ReadOnlySpan<byte> textValue, ValueKind kind, IBufferWriter<byte> output)
    {
        if (kind == ValueKind.Json)
            return JsonLeaves.Mask(textValue, this, output);
        bool isNumber = kind is ValueKind.Integer or ValueKind.Decimal or ValueKind.Float;
        if (!isNumber || !TryRead(textValue, out decimal number))
            return FixedValues.Write(textValue, kind, output);

        decimal rounded = decimal.Truncate(number / multiple) * multiple;
        var to = output.GetSpan(64);
        if (!rounded.TryFormat(to, out int written, kind == ValueKind.Integer ? "0" : "0.#############################", CultureInfo.InvariantCulture))
            return FixedValues.Write(textValue, kind, output);
        output.Advance(written);
        return MaskResult.Written;
    }

    private static bool TryRead(ReadOnlySpan<byte> text, out decimal number)
        => (Utf8Parser.TryParse(text, out number, out int used) && used == text.Length)
            || (Utf8Parser.TryParse(text, out number, out used, 'e') && used == text.Length);
}
