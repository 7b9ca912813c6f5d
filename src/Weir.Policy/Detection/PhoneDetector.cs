using System.Buffers;

namespace Weir.Policy.Detection;

/// <summary>
/// Telephone numbers: international ones with <c>+</c> and 8 to 15 digits (ITU-T E.164) in any usual grouping, and North American ones as
/// <c>(Ndd) Ndd-dddd</c>, <c>Ndd-Ndd-dddd</c> or <c>Ndd.Ndd.dddd</c>, where N is 2 to 9 (NANP). Bare digits are not told from other numbers.
/// </summary>
internal sealed class PhoneDetector : PieceDetector
{
    private static readonly SearchValues<byte> Beginnings = SearchValues.Create("+(0123456789"u8);

    public override void Find(ReadOnlySpan<byte> value, List<Piece> found)
    {
        for (int i = 0; i < value.Length;)
        {
            int next = value[i..].IndexOfAny(Beginnings);
            if (next < 0)
                return;
            i += next;
            int end = value[i] switch
            {
                (byte)'+' => International(value, i),
                (byte)'(' => NorthAmerican(value, i, "(Ndd) Ndd-dddd"u8, "(Ndd)Ndd-dddd"u8),
                _ => i > 0 && (IsWord(value[i - 1]) || value[i - 1] is (byte)'-' or (byte)'.') ? -1 : NorthAmerican(value, i, "Ndd-Ndd-dddd"u8, "Ndd.Ndd.dddd"u8),
            };
            if (end > 0)
            {
                found.Add(new Piece(i, end));
                i = end;
                continue;
            }

            i++;
            while (i < value.Length && IsDigit(value[i]) && IsDigit(value[i - 1]))
                i++;
        }
    }

    private static int International(ReadOnlySpan<byte> value, int start)
    {
        // No country's code begins with a zero.
        if ((start > 0 && IsWord(value[start - 1])) || (start + 1 < value.Length && value[start + 1] == '0'))
            return -1;
        int digits = 0;
        int end = -1;
        int separators = 0;
        for (int i = start + 1; i < value.Length && digits <= 15; i++)
        {
            byte b = value[i];
            if (IsDigit(b))
            {
                digits++;
                separators = 0;
                end = i + 1;
            }
            else if (b is not ((byte)' ' or (byte)'-' or (byte)'.' or (byte)'(' or (byte)')' or (byte)'/') || ++separators > 2 || digits == 0)
            {
                break;
            }
        }

        return digits is >= 8 and <= 15 && (end == value.Length || !IsWord(value[end])) ? end : -1;
    }

    private static int NorthAmerican(ReadOnlySpan<byte> value, int start, ReadOnlySpan<byte> shape, ReadOnlySpan<byte> otherShape)
    {
        int length = Fits(value, start, shape) ? shape.Length : Fits(value, start, otherShape) ? otherShape.Length : 0;
        if (length == 0)
            return -1;
        int end = start + length;
        bool goesOn = end < value.Length && (IsWord(value[end]) || (end + 1 < value.Length && value[end] is (byte)'-' or (byte)'.' && IsDigit(value[end + 1])));
        return goesOn ? -1 : end;
    }

    private static bool Fits(ReadOnlySpan<byte> value, int start, ReadOnlySpan<byte> shape)
    {
        if (start + shape.Length > value.Length)
            return false;
        for (int i = 0; i < shape.Length; i++)
        {
            byte b = value[start + i];
            bool fits = shape[i] == 'd' ? IsDigit(b) : shape[i] == 'N' ? b is >= (byte)'2' and <= (byte)'9' : b == shape[i];
            if (!fits)
                return false;
        }

        return true;
    }
}
