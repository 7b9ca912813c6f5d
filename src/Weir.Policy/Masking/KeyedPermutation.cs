using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Weir.Policy.Masking;

/// <summary>
/// A keyed permutation of strings of digits in which each place has a radix of its own: different strings have different images, so a unique column stays
/// unique. A Feistel network over the two halves whose round function is HMAC-SHA-256, as in NIST SP 800-38G's FF1 with addition place by place.
/// </summary>
internal static class KeyedPermutation
{
    /// <summary>Bytes of a tweak.</summary>
    public const int TweakLength = 16;

    private const int HashLength = 32;
    private const int PerHash = HashLength / 2;

    /// <summary>What a permutation depends on besides the key: the form that the value and its image share.</summary>
    public static void Tweak(byte[] key, ReadOnlySpan<byte> form, Span<byte> tweak)
    {
        Span<byte> hash = stackalloc byte[HashLength];
        HMACSHA256.HashData(key, form, hash);
        hash[..TweakLength].CopyTo(tweak);
    }

    /// <param name="tweak">Another permutation for each.</param>
    /// <param name="radices">2 to 26 for each place.</param>
    /// <param name="digits">Values below their radices; replaced by the image.</param>
    public static void Apply(byte[] key, ReadOnlySpan<byte> tweak, ReadOnlySpan<byte> radices, Span<byte> digits)
    {
        if (digits.Length < 2)
        {
            if (digits.Length == 1)
                digits[0] = Shuffled(key, tweak, radices[0], digits[0]);
            return;
        }

        // Few places have few round functions to tell apart: more rounds make up for it.
        int rounds = digits.Length <= 8 ? 8 : 4;
        int half = digits.Length / 2;
        byte[] message = ArrayPool<byte>.Shared.Rent(TweakLength + 5 + digits.Length - half);
        try
        {
            for (int round = 0; round < rounds; round++)
            {
                if (round % 2 == 0)
                    Add(key, tweak, message, round, digits[half..], radices[..half], digits[..half]);
                else
                    Add(key, tweak, message, round, digits[..half], radices[half..], digits[half..]);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message, clearArray: true);
        }
    }

    /// <summary>The image among the numbers below a bound, of a number below it.</summary>
    /// <param name="bound">1 to 1,000,000,000.</param>
    public static int Below(byte[] key, ReadOnlySpan<byte> tweak, int bound, int number)
    {
        Span<byte> radices = stackalloc byte[10];
        Span<byte> digits = stackalloc byte[10];
        int width = 1;
        for (int rest = (bound - 1) / 10; rest > 0; rest /= 10)
            width++;
        radices[..width].Fill(10);
        int image = number;
        do
        {
            for (int i = width - 1, rest = image; i >= 0; i--, rest /= 10)
                digits[i] = (byte)(rest % 10);
            Apply(key, tweak, radices[..width], digits[..width]);
            image = 0;
            foreach (byte digit in digits[..width])
                image = (image * 10) + digit;

            // Walking on until the image is below the bound keeps it a permutation; it ends at the number itself at the latest.
        }
        while (image >= bound);
        return image;
    }

    private static void Add(byte[] key, ReadOnlySpan<byte> tweak, byte[] message, int round, ReadOnlySpan<byte> from, ReadOnlySpan<byte> radices, Span<byte> to)
    {
        tweak.CopyTo(message);
        message[TweakLength] = (byte)round;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(TweakLength + 1), from.Length + to.Length);
        from.CopyTo(message.AsSpan(TweakLength + 5));
        Span<byte> hash = stackalloc byte[HashLength];
        HMACSHA256.HashData(key, message.AsSpan(0, TweakLength + 5 + from.Length), hash);
        if (to.Length <= PerHash)
        {
            AddHash(hash, radices, to);
            return;
        }

        Span<byte> counted = stackalloc byte[HashLength + 4];
        Span<byte> block = stackalloc byte[HashLength];
        hash.CopyTo(counted);
        for (int at = 0; at < to.Length; at += PerHash)
        {
            BinaryPrimitives.WriteInt32BigEndian(counted[HashLength..], at);
            HMACSHA256.HashData(key, counted, block);
            int count = Math.Min(PerHash, to.Length - at);
            AddHash(block, radices.Slice(at, count), to.Slice(at, count));
        }
    }

    private static void AddHash(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> radices, Span<byte> to)
    {
        for (int i = 0; i < to.Length; i++)
            to[i] = (byte)((to[i] + BinaryPrimitives.ReadUInt16BigEndian(hash[(2 * i)..])) % radices[i]);
    }

    // One place: a shuffled alphabet.
    private static byte Shuffled(byte[] key, ReadOnlySpan<byte> tweak, int radix, byte digit)
    {
        Span<byte> alphabet = stackalloc byte[radix];
        for (int i = 0; i < radix; i++)
            alphabet[i] = (byte)i;
        var stream = new KeyedStream(key, tweak, stackalloc byte[KeyedStream.SpaceLength]);
        for (int i = radix - 1; i > 0; i--)
        {
            int other = stream.Below(i + 1);
            (alphabet[i], alphabet[other]) = (alphabet[other], alphabet[i]);
        }

        return alphabet[digit];
    }
}
