using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Weir.Policy.Masking;

/// <summary>A stream of bytes that depends on a key and a value only: HMAC-SHA-256 of the value, then of that and a counter.</summary>
internal ref struct KeyedStream
{
    private readonly byte[] _key;
    private readonly Span<byte> _seed;
    private readonly Span<byte> _block;
    private int _used;
    private int _counter;

    /// <param name="space">64 bytes of the caller's, in use as long as the stream is.</param>
    public KeyedStream(byte[] key, ReadOnlySpan<byte> value, Span<byte> space)
    {
        _key = key;
        _seed = space[..36];
        _block = space.Slice(36, 28);
        HMACSHA256.HashData(key, value, _seed);
        _used = _block.Length;
    }

    /// <summary>Bytes of <c>space</c> that the constructor needs.</summary>
    public const int SpaceLength = 64;

    /// <summary>The next value from 0 to below the bound (bias under 2^-24 for the bounds in use here).</summary>
    public int Below(int bound) => (int)(Next32() % (uint)bound);

    public ulong Next64() => ((ulong)Next32() << 32) | Next32();

    private uint Next32()
    {
        if (_used + 4 > _block.Length)
        {
            BinaryPrimitives.WriteInt32BigEndian(_seed[32..], _counter++);
            Span<byte> full = stackalloc byte[32];
            HMACSHA256.HashData(_key, _seed, full);
            full[.._block.Length].CopyTo(_block);
            _used = 0;
        }

        uint next = BinaryPrimitives.ReadUInt32BigEndian(_block[_used..]);
        _used += 4;
        return next;
    }
}
