namespace Weir.Agent.Tests.Net;

/// <summary>Random damage to a stream of messages; the same for the same numbers.</summary>
internal static class FuzzedStream
{
    private static readonly int[] Lengths = [0, 1, 3, 4, 5, -1, int.MinValue, int.MaxValue, 0x01000000, 1 << 30];

    public static byte[] Damage(Random random, ReadOnlySpan<byte> stream, int wounds)
    {
        var bytes = new List<byte>(stream.ToArray());
        for (; wounds > 0 && bytes.Count > 8; wounds--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, Enumerable.Range(0, random.Next(1, 9)).Select(_ => (byte)random.Next(256)));
                    break;
                case 4:
                    // A piece once more, elsewhere: mostly a message, since most are short.
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, Math.Min(random.Next(5, 40), bytes.Count - at)));
                    break;
                case 5:
                    SetLength(bytes, MessageAt(bytes, random), Lengths[random.Next(Lengths.Length)]);
                    break;
                case 6:
                    var message = MessageAt(bytes, random);
                    SetLength(bytes, message, LengthAt(bytes, message) + random.Next(-4, 5));
                    break;
                default:
                    bytes[MessageAt(bytes, random)] = (byte)"QPBEDCSHFdcfXRZTpV!"[random.Next(19)];
                    break;
            }
        }

        if (random.Next(4) == 0)
            bytes.RemoveRange(bytes.Count - Math.Min(bytes.Count, random.Next(1, 30)), Math.Min(bytes.Count, 1));
        return [.. bytes];
    }

    /// <summary>Where some message begins, as long as the framing is whole.</summary>
    private static int MessageAt(List<byte> bytes, Random random)
    {
        var starts = new List<int> { 0 };
        for (var at = 0; at + 5 <= bytes.Count;)
        {
            var length = LengthAt(bytes, at);
            if (length < 4 || length > bytes.Count - at - 1)
                break;
            at += 1 + length;
            if (at + 5 <= bytes.Count)
                starts.Add(at);
        }

        return starts[random.Next(starts.Count)];
    }

    private static int LengthAt(List<byte> bytes, int at) =>
        at + 5 > bytes.Count ? 0 : (bytes[at + 1] << 24) | (bytes[at + 2] << 16) | (bytes[at + 3] << 8) | bytes[at + 4];

    private static void SetLength(List<byte> bytes, int at, int length)
    {
        for (var i = 0; i < 4 && at + 1 + i < bytes.Count; i++)
            bytes[at + 1 + i] = (byte)(length >> (24 - (8 * i)));
    }
}
