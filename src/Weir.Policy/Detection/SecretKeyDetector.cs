using System.Buffers;

namespace Weir.Policy.Detection;

/// <summary>Private keys in PEM form (RFC 7468) and keys of services that mark them by a beginning of their own.</summary>
internal sealed class SecretKeyDetector : PieceDetector
{
    private static readonly SearchValues<byte> KeyCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/="u8);

    private const int AwsLength = 16;
    private static readonly SearchValues<byte> AwsCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"u8);

    // Beginning, and the least characters that follow it in a real key.
    private static readonly (byte[] Beginning, int Least)[] Marks =
    [
        ("AKIA"u8.ToArray(), AwsLength), ("ASIA"u8.ToArray(), AwsLength), ("SG."u8.ToArray(), 22), ("ghp_"u8.ToArray(), 36), ("gho_"u8.ToArray(), 36), ("ghs_"u8.ToArray(), 36), ("ghu_"u8.ToArray(), 36),
        ("github_pat_"u8.ToArray(), 22), ("glpat-"u8.ToArray(), 20), ("sk_live_"u8.ToArray(), 16), ("rk_live_"u8.ToArray(), 16), ("sk-ant-"u8.ToArray(), 20),
        ("sk-proj-"u8.ToArray(), 20), ("xoxb-"u8.ToArray(), 20), ("xoxp-"u8.ToArray(), 20), ("xapp-"u8.ToArray(), 20), ("AIza"u8.ToArray(), 35), ("npm_"u8.ToArray(), 36),
        ("AccountKey="u8.ToArray(), 40), ("aws_secret_access_key="u8.ToArray(), 40), ("hvs."u8.ToArray(), 24), ("dop_v1_"u8.ToArray(), 40),
    ];

    private static readonly int Shortest = Marks.Min(m => m.Beginning.Length + m.Least);

    public override void Find(ReadOnlySpan<byte> value, List<Piece> found)
    {
        if (value.Length < Shortest)
            return;
        foreach (var (beginning, least) in Marks)
            FindMark(value, beginning, least, found);
        FindPem(value, found);
    }

    private static void FindMark(ReadOnlySpan<byte> value, byte[] beginning, int least, List<Piece> found)
    {
        for (int i = 0; i < value.Length;)
        {
            int next = value[i..].IndexOf(beginning);
            if (next < 0)
                return;
            i += next;
            int body = i + beginning.Length;
            if (i > 0 && IsWord(value[i - 1]))
            {
                i = body;
                continue;
            }

            int length = value[body..].IndexOfAnyExcept(KeyCharacters);
            int end = length < 0 ? value.Length : body + length;
            if (end - body >= least && (beginning is not [(byte)'A', _, (byte)'I', (byte)'A'] || IsAws(value[body..end])))
                found.Add(new Piece(i, end));
            i = end;
        }
    }

    // An access key's id is of one length, and of capitals and digits only.
    private static bool IsAws(ReadOnlySpan<byte> body) => body.Length == AwsLength && body.IndexOfAnyExcept(AwsCharacters) < 0;

    private static void FindPem(ReadOnlySpan<byte> value, List<Piece> found)
    {
        for (int i = 0; i < value.Length;)
        {
            int next = value[i..].IndexOf("-----BEGIN "u8);
            if (next < 0)
                return;
            i += next;
            int label = value[(i + 11)..].IndexOf("-----"u8);
            if (label < 0 || label > 60 || value.Slice(i + 11, label).IndexOf("PRIVATE KEY"u8) < 0)
            {
                i += 11;
                continue;
            }

            // A key without its end is still a key.
            int end = value[(i + 11)..].IndexOf("-----END "u8);
            int close = end < 0 ? -1 : value[(i + 11 + end + 9)..].IndexOf("-----"u8);
            int stop = close < 0 ? value.Length : i + 11 + end + 9 + close + 5;
            found.Add(new Piece(i, stop));
            i = stop;
        }
    }
}
