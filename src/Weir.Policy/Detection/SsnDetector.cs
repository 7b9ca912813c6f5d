namespace Weir.Policy.Detection;

/// <summary>US social security numbers as <c>ddd-dd-dddd</c> or <c>ddd dd dddd</c>; area, group and serial as issued. Nine bare digits are not told from other numbers.</summary>
internal sealed class SsnDetector : PieceDetector
{
    private const int Length = 11;

    public override void Find(ReadOnlySpan<byte> value, List<Piece> found)
    {
        for (int i = 0; i + Length <= value.Length;)
        {
            int next = value[i..].IndexOfAnyInRange((byte)'0', (byte)'9');
            if (next < 0 || i + next + Length > value.Length)
                return;
            i += next;
            if (IsSsn(value.Slice(i, Length)) && StandsAlone(value, i, i + Length) && !IsPartOfLonger(value, i))
            {
                found.Add(new Piece(i, i + Length));
                i += Length;
                continue;
            }

            while (i < value.Length && IsDigit(value[i]))
                i++;
        }
    }

    private static bool IsSsn(ReadOnlySpan<byte> text)
    {
        byte separator = text[3];
        if (separator is not ((byte)'-' or (byte)' ') || text[6] != separator)
            return false;
        int area = Number(text[..3]);
        int group = Number(text.Slice(4, 2));
        int serial = Number(text.Slice(7, 4));
        return area is > 0 and < 900 and not 666 && group > 0 && serial > 0;
    }

    // 1-123-45-6789-0 is some other number.
    private static bool IsPartOfLonger(ReadOnlySpan<byte> value, int start)
        => (start >= 2 && value[start - 1] == '-' && IsDigit(value[start - 2]))
            || (start + Length + 1 < value.Length && value[start + Length] == '-' && IsDigit(value[start + Length + 1]));

    private static int Number(ReadOnlySpan<byte> text)
    {
        int number = 0;
        foreach (byte b in text)
        {
            if (!IsDigit(b))
                return -1;
            number = (number * 10) + (b - '0');
        }

        return number;
    }
}
