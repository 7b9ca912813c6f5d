using Weir.Policy.Masking;

namespace Weir.Policy.Detection;

/// <summary>Payment card numbers: 13 to 19 digits, in one run or in groups parted by single blanks or hyphens, of a known issuer range and with a right check digit.</summary>
internal sealed class CardDetector : PieceDetector
{
    public override void Find(ReadOnlySpan<byte> value, List<Piece> found)
    {
        int i = 0;
        while (i < value.Length)
        {
            int next = value[i..].IndexOfAnyInRange((byte)'0', (byte)'9');
            if (next < 0)
                return;
            i += next;

            // Every group of digits may be the first of a card.
            int end = IsGroupStart(value, i) ? CardEnd(value, i) : -1;
            if (end > 0)
            {
                found.Add(new Piece(i, end));
                i = end;
                continue;
            }

            while (i < value.Length && IsDigit(value[i]))
                i++;
        }
    }

    private static bool IsGroupStart(ReadOnlySpan<byte> value, int i) => i == 0 || !IsWord(value[i - 1]);

    private static int CardEnd(ReadOnlySpan<byte> value, int start)
    {
        int digits = 0;
        int best = -1;
        int i = start;
        while (i < value.Length && digits <= 19)
        {
            int group = i;
            while (i < value.Length && IsDigit(value[i]))
                i++;
            digits += i - group;
            if (i == group || (i < value.Length && IsWord(value[i])))
                break;
            if (digits is >= 13 and <= 19 && Luhn.Sum(value[start..i]) % 10 == 0 && IsIssued(value[start..i]))
                best = i;
            if (i < value.Length && value[i] is (byte)' ' or (byte)'-')
                i++;
            else
                break;
        }

        return best;
    }

    // Ranges of issuer identification numbers as the networks publish them.
    private static bool IsIssued(ReadOnlySpan<byte> text)
    {
        int prefix = 0;
        int digits = 0;
        foreach (byte b in text)
        {
            if (!IsDigit(b))
                continue;
            if (digits++ < 6)
                prefix = (prefix * 10) + (b - '0');
        }

        return prefix switch
        {
            >= 400_000 and <= 499_999 => digits is 13 or 16 or 19, // Visa
            (>= 510_000 and <= 559_999) or (>= 222_100 and <= 272_099) => digits == 16, // Mastercard
            (>= 340_000 and <= 349_999) or (>= 370_000 and <= 379_999) => digits == 15, // American Express
            (>= 601_100 and <= 601_199) or (>= 644_000 and <= 659_999) => digits >= 16, // Discover
            >= 620_000 and <= 629_999 => digits >= 16, // UnionPay
            >= 352_800 and <= 358_999 => digits >= 16, // JCB
            (>= 300_000 and <= 305_999) or (>= 360_000 and <= 369_999) or (>= 380_000 and <= 399_999) => digits >= 14, // Diners Club
            (>= 500_000 and <= 509_999) or (>= 560_000 and <= 599_999) or (>= 600_000 and <= 699_999) => digits >= 13, // Maestro, RuPay
            _ => false,
        };
    }
}
