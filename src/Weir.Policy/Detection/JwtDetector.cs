using System.Buffers;
using System.Buffers.Text;

namespace Weir.Policy.Detection;

/// <summary>JSON Web Tokens in compact form (RFC 7519): three base64url parts, of which the first encodes an object with an algorithm or a type.</summary>
internal sealed class JwtDetector : PieceDetector
{
    private static readonly SearchValues<byte> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"u8);

    public override void Find(ReadOnlySpan<byte> value, List<Piece> found)
    {
        for (int i = 0; i < value.Length;)
        {
            int next = value[i..].IndexOf("eyJ"u8);
            if (next < 0)
                return;
            i += next;
            int header = Part(value, i);
            int payload = header >= 10 && Dot(value, i + header) ? Part(value, i + header + 1) : 0;
            int second = i + header + 1 + payload;
            if (payload >= 4 && Dot(value, second) && IsHeader(value.Slice(i, header)))
            {
                int end = second + 1 + Part(value, second + 1);
                found.Add(new Piece(i, end));
                i = end;
            }
            else
            {
                i += Math.Max(header, 3);
            }
        }
    }

    // The bytes of "alg" and "typ" in quotes stand where they like in the header, so it has to be decoded; a long one is one.
    private static bool IsHeader(ReadOnlySpan<byte> part)
    {
        Span<byte> json = stackalloc byte[768];
        if (part.Length > 1_000)
            return true;
        return Base64Url.DecodeFromUtf8(part, json, out _, out int length) == OperationStatus.Done
            && (json[..length].IndexOf("\"alg\""u8) >= 0 || json[..length].IndexOf("\"typ\""u8) >= 0 || json[..length].IndexOf("\"enc\""u8) >= 0);
    }

    private static bool Dot(ReadOnlySpan<byte> value, int i) => i < value.Length && value[i] == '.';

    private static int Part(ReadOnlySpan<byte> value, int start)
    {
        int length = value[start..].IndexOfAnyExcept(Characters);
        return length < 0 ? value.Length - start : length;
    }
}
