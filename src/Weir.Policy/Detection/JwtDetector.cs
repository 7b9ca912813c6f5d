using System.Buffers;

namespace Weir.Policy.Detection;

/// <summary>JSON Web Tokens in compact form (RFC 7519): three base64url parts, of which the first encodes an object.</summary>
internal sealed class JwtDetector : PieceDetector
{
    private static readonly SearchValues<byte> Base64Url = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"u8);

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
            if (payload >= 4 && Dot(value, second))
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

    private static bool Dot(ReadOnlySpan<byte> value, int i) => i < value.Length && value[i] == '.';

    private static int Part(ReadOnlySpan<byte> value, int start)
    {
        int length = value[start..].IndexOfAnyExcept(Base64Url);
        return length < 0 ? value.Length - start : length;
    }
}
