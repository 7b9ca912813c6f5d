using System.Buffers;
using System.Text;

namespace Weir.Policy.Detection;

/// <summary>E-mail addresses: a local part, <c>@</c>, and a domain of at least two labels whose last has two or more letters and is no ending of image files.</summary>
internal sealed class EmailDetector : PieceDetector
{
    private static readonly SearchValues<byte> Local = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+/=?^_`{|}~-"u8);

    public override void Find(ReadOnlySpan<byte> value, List<Piece> found)
    {
        int at = -1;
        while (true)
        {
            int next = value[(at + 1)..].IndexOf((byte)'@');
            if (next < 0)
                return;
            int from = at + 1;
            at += 1 + next;
            int start = at;
            while (start > from && (Local.Contains(value[start - 1]) || value[start - 1] >= 0x80))
                start--;
            while (start < at && value[start] is (byte)'.' or (byte)'\'' or (byte)'/' or (byte)'=' or (byte)'{')
                start++;
            int end = DomainEnd(value, at + 1);
            if (start < at && end > 0)
                found.Add(new Piece(start, end));
        }
    }

    // icon@2x.png: no top-level domain is called so.
    private static bool IsImage(ReadOnlySpan<byte> label) => label.Length is 3 or 4
        && (Ascii.EqualsIgnoreCase(label, "png"u8) || Ascii.EqualsIgnoreCase(label, "jpg"u8) || Ascii.EqualsIgnoreCase(label, "jpeg"u8) || Ascii.EqualsIgnoreCase(label, "gif"u8)
            || Ascii.EqualsIgnoreCase(label, "webp"u8) || Ascii.EqualsIgnoreCase(label, "svg"u8));

    private static int DomainEnd(ReadOnlySpan<byte> value, int start)
    {
        int i = start;
        int labels = 0;
        int lastEnd = -1;
        while (i < value.Length)
        {
            int label = i;
            while (i < value.Length && (IsWord(value[i]) || value[i] == '-' || value[i] >= 0x80) && value[i] != '_')
                i++;
            if (i == label)
                break;
            labels++;
            bool isTop = i - label >= 2 && !IsDigit(value[label]) && !IsImage(value[label..i]);
            if (labels >= 2 && isTop)
                lastEnd = i;
            if (i >= value.Length || value[i] != '.')
                break;
            i++;
        }

        return lastEnd;
    }
}
