using System.Buffers;
using System.Net;
using System.Text;

namespace Weir.Policy.Detection;

/// <summary>IPv4 addresses in dotted form, and IPv6 addresses (RFC 4291) with at least two colons.</summary>
internal sealed class IpAddressDetector : PieceDetector
{
    private static readonly SearchValues<byte> Characters = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    public override void Find(ReadOnlySpan<byte> value, List<Piece> found)
    {
        for (int i = 0; i < value.Length;)
        {
            int next = value[i..].IndexOfAny(Characters);
            if (next < 0)
                return;
            i += next;
            int length = value[i..].IndexOfAnyExcept(Characters);
            int end = length < 0 ? value.Length : i + length;

            // The full stop of a sentence, or the colon after a host, is not part of it.
            int trimmed = end;
            while (trimmed > i && value[trimmed - 1] == '.')
                trimmed--;
            if (IsAddress(value[i..trimmed]) && StandsAlone(value, i, end) && !IsVersion(value[..i]))
                found.Add(new Piece(i, trimmed));
            else if (PortStart(value[i..trimmed]) is > 0 and var host && StandsAlone(value, i, end))
                found.Add(new Piece(i, i + host));
            i = end;
        }
    }

    private static bool IsAddress(ReadOnlySpan<byte> text)
    {
        if (text.Length is < 6 or > 45)
            return false;
        if (text.IndexOf((byte)':') < 0)
            return IsDotted(text);
        return text.Count((byte)':') >= 2 && IPAddress.TryParse(text, out _) && !IsScope(text) && !IsHardware(text);
    }

    // std::bad_alloc, ace::face: names of letters, while an address that short has a digit.
    private static bool IsScope(ReadOnlySpan<byte> text) => text.IndexOfAnyInRange((byte)'0', (byte)'9') < 0 && text.Count((byte)':') < 4;

    // EUI-64: eight groups of two digits, which an address writes without leading zeros and hardly ever has all as short.
    private static bool IsHardware(ReadOnlySpan<byte> text)
    {
        if (text.Length != 23)
            return false;
        for (int i = 2; i < text.Length; i += 3)
        {
            if (text[i] != ':')
                return false;
        }

        return true;
    }

    // "version 1.2.3.4", "v1.2.3.4", "Version=1.2.3.4", "Chrome/119.0.0.0"
    private static bool IsVersion(ReadOnlySpan<byte> front)
    {
        if (front.Length > 0 && front[^1] == '/' && front.Length > 1 && char.IsAsciiLetter((char)front[^2]))
            return true;
        front = front.TrimEnd(" =:."u8);
        int letters = 0;
        while (letters < front.Length && letters < 8 && char.IsAsciiLetter((char)front[^(letters + 1)]))
            letters++;
        var word = front[^letters..];
        return Ascii.EqualsIgnoreCase(word, "version"u8) || Ascii.EqualsIgnoreCase(word, "ver"u8) || Ascii.EqualsIgnoreCase(word, "v"u8) || Ascii.EqualsIgnoreCase(word, "release"u8) || Ascii.EqualsIgnoreCase(word, "build"u8);
    }

    // 10.0.0.1:5432
    private static int PortStart(ReadOnlySpan<byte> text)
    {
        int colon = text.IndexOf((byte)':');
        return colon > 0 && text[(colon + 1)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && IsDotted(text[..colon]) ? colon : -1;
    }

    private static bool IsDotted(ReadOnlySpan<byte> text)
    {
        int parts = 0;
        int number = -1;
        foreach (byte b in text)
        {
            if (b == '.')
            {
                if (number < 0)
                    return false;
                parts++;
                number = -1;
            }
            else if (!IsDigit(b) || number == 0)
            {
                return false; // letters, or a leading zero
            }
            else
            {
                number = number < 0 ? b - '0' : (number * 10) + (b - '0');
                if (number > 255)
                    return false;
            }
        }

        return parts == 3 && number >= 0;
    }
}
