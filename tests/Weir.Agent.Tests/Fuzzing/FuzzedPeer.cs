using System.Buffers.Binary;

namespace Weir.Agent.Tests.Fuzzing;

internal delegate int TakeBytes(ReadOnlySpan<byte> data);

/// <summary>Bytes of one peer that the session has not taken yet, given to it as a socket would: so much as has come, the rest again with what follows.</summary>
internal sealed class FuzzedPeer
{
    private readonly List<byte> _pending = [];
    private int _given;

    /// <summary>Bytes that come at once; 0 for all.</summary>
    public int Piece { get; set; }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        _pending.AddRange(bytes);
        _given = 0;
    }

    /// <param name="onFrame">Told the type of each whole message that was taken.</param>
    /// <returns>Whether anything was taken.</returns>
    public bool Give(TakeBytes take, Func<bool> reads, Action after, Action<byte>? onFrame)
    {
        var isTaken = false;
        for (var have = Piece == 0 ? _pending.Count : Math.Min(Piece, _pending.Count); have > 0 && reads();)
        {
            // Nothing is gained by giving the same once more.
            if (have == _given && !isTaken && have == _pending.Count)
                return false;
            var consumed = take(_pending.ToArray().AsSpan(0, have));
            if (consumed < 0 || consumed > have)
                throw new InvalidOperationException($"{consumed} of {have} bytes were taken");
            Tell(consumed, onFrame);
            _pending.RemoveRange(0, consumed);
            isTaken |= consumed > 0;
            after();
            if (_pending.Count == 0)
                break;
            if (consumed == 0 && have == _pending.Count)
            {
                _given = reads() ? have : 0;
                break;
            }

            have = Piece == 0 ? _pending.Count : Math.Min(consumed == 0 ? have + Piece : Piece, _pending.Count);
        }

        return isTaken;
    }

    private void Tell(int consumed, Action<byte>? onFrame)
    {
        if (onFrame is null)
            return;
        var bytes = _pending.ToArray().AsSpan();
        for (var at = 0; at + 5 <= consumed;)
        {
            onFrame(bytes[at]);
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes[(at + 1)..]);
            if (length < 4 || length > consumed - at - 1)
                return;
            at += 1 + length;
        }
    }
}
