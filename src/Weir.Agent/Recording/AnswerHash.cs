using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Weir.Agent.Recording;

/// <summary>
/// Running SHA-256 over the rows of one answer. Small pieces are gathered first, because a call into the hash costs more than the copy; an answer that fits
/// into the gathering buffer is hashed in one go. Holds memory only while an answer is under way.
/// </summary>
internal struct AnswerHash
{
    private const int BufferBytes = 8 * 1024;

    private static readonly ConcurrentBag<IncrementalHash> Pool = [];

    private byte[]? _buffer;
    private int _buffered;
    private IncrementalHash? _hash;

    public void Append(ReadOnlySpan<byte> data)
    {
        Begin();

        if (data.Length > _buffer!.Length - _buffered)
        {
            Spill();
            if (data.Length > _buffer.Length)
            {
                _hash!.AppendData(data);
                return;
            }
        }

        data.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += data.Length;
    }

    /// <summary>Appends the bodies of the rows among these messages, the same as one by one.</summary>
    /// <returns>Bytes of these bodies.</returns>
    public long AppendRows(ReadOnlySpan<byte> messages)
    {
        Begin();
        var buffer = _buffer!;
        var buffered = _buffered;
        var bytes = 0L;
        for (var rest = messages; RowMessages.TryRead(rest, out var body, out var isRow, out var next); rest = next)
        {
            if (!isRow)
                continue;
            bytes += body.Length;
            if (body.Length > buffer.Length - buffered)
            {
                _buffered = buffered;
                Append(body);
                buffered = _buffered;
                continue;
            }

            body.CopyTo(buffer.AsSpan(buffered));
            buffered += body.Length;
        }

        _buffered = buffered;
        return bytes;
    }

    /// <summary>Gives the hash and starts anew.</summary>
    /// <returns>False when nothing was appended.</returns>
    public bool TryFinish(Span<byte> hash)
    {
        if (_buffer is null)
            return false;
        if (_hash is null)
        {
            EventDigest.Compute(_buffer.AsSpan(0, _buffered), hash);
        }
        else
        {
            _hash.AppendData(_buffer, 0, _buffered);
            _hash.GetHashAndReset(hash);
            Pool.Add(_hash);
            _hash = null;
        }

        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
        return true;
    }

    /// <summary>Forgets what was appended.</summary>
    public void Reset()
    {
        Span<byte> hash = stackalloc byte[32];
        TryFinish(hash);
    }

    private void Begin()
    {
        if (_buffer is not null)
            return;
        _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        _buffered = 0;
    }

    private void Spill()
    {
        if (_hash is null && !Pool.TryTake(out _hash))
            _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        _hash.AppendData(_buffer!, 0, _buffered);
        _buffered = 0;
    }
}
