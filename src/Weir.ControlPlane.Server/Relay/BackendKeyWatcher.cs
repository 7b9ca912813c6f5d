using System.Buffers.Binary;

namespace Weir.ControlPlane.Server.Relay;

/// <summary>
/// Finds the BackendKeyData in the first answers of an agent, so that a later CancelRequest can be routed to the agent that gave the
/// key out. It stops looking at the first ReadyForQuery, at an error, or after <see cref="MaxBytes"/>; it never changes a byte.
/// </summary>
internal sealed class BackendKeyWatcher
{
    private const int MaxBytes = 64 * 1024;

    private readonly byte[] _frame = new byte[5 + 4 + 256];
    private int _have;
    private long _skip;
    private long _seen;

    public bool IsDone { get; private set; }

    /// <summary>Process id and secret key, once they were seen.</summary>
    public (int ProcessId, byte[] Key)? Found { get; private set; }

    public void Watch(ReadOnlySpan<byte> bytes)
    {
        _seen += bytes.Length;
        while (!IsDone && bytes.Length > 0)
        {
            if (_skip > 0)
            {
                var step = (int)Math.Min(_skip, bytes.Length);
                bytes = bytes[step..];
                _skip -= step;
                continue;
            }

            var wanted = _have < 5 ? 5 - _have : FrameLength() - _have;
            var take = Math.Min(wanted, bytes.Length);
            bytes[..take].CopyTo(_frame.AsSpan(_have));
            _have += take;
            bytes = bytes[take..];
            if (_have < 5)
            {
                return;
            }

            Step();
        }

        IsDone |= _seen > MaxBytes;
    }

    private int FrameLength() => 1 + BinaryPrimitives.ReadInt32BigEndian(_frame.AsSpan(1));

    private void Step()
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(_frame.AsSpan(1));
        if (_frame[0] == (byte)'K' && length is >= 12 and <= 4 + 4 + 256)
        {
            if (_have < 1 + length)
            {
                return;
            }

            Found = (BinaryPrimitives.ReadInt32BigEndian(_frame.AsSpan(5)), _frame.AsSpan(9, length - 8).ToArray());
            IsDone = true;
        }
        else if (length < 4 || _frame[0] is (byte)'Z' or (byte)'E')
        {
            IsDone = true;
        }
        else
        {
            _skip = length - 4;
            _have = 0;
        }
    }
}
