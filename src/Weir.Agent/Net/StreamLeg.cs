using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using Weir.Agent.Net.Tls;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Agent.Net;

/// <summary>One side of a session as an async driver sees it: a stream, what was received and not taken yet, what is being sent.</summary>
internal sealed class StreamLeg(Stream stream) : IDisposable
{
    private const int ReceiveBuffer = 16 * 1024;

    private byte[] _received = ArrayPool<byte>.Shared.Rent(ReceiveBuffer);
    private int _start;
    private int _end;

    /// <summary>Replaced when the leg becomes encrypted.</summary>
    public Stream Stream { get; set; } = stream;

    /// <summary>Bytes that the session has not taken.</summary>
    public ReadOnlySpan<byte> Pending => _received.AsSpan(_start, _end - _start);

    /// <summary>The session looked at <see cref="Pending"/> and needs more of it.</summary>
    public bool NeedsMore { get; set; }

    public bool IsClosed { get; set; }

    /// <summary>A TLS handshake owns the stream: nobody else reads.</summary>
    public bool IsHandedOver { get; set; }

    /// <summary>Sending is under way; only then <see cref="Sending"/> holds anything.</summary>
    public bool IsSending { get; set; }

    /// <summary>The buffer that is exchanged with the session's.</summary>
    public MessageWriter Sending { get; set; } = new(1024);

    /// <summary>The running or last send loop.</summary>
    public Task SendTask { get; set; } = Task.CompletedTask;

    /// <summary>The session took so many of <see cref="Pending"/>. The buffer stays where it is: a receive into it may be under way.</summary>
    public void Take(int count) => _start += count;

    /// <summary>Room for the next receive; grows when a message does not fit. Called by whoever receives, and never while a receive is under way.</summary>
    /// <param name="limit">Bytes that may wait untaken; at the limit the result is empty.</param>
    public Memory<byte> Room(int limit)
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_received.Length > 4 * ReceiveBuffer)
            {
                // One large message must not cost its memory for the rest of the session.
                ArrayPool<byte>.Shared.Return(_received);
                _received = ArrayPool<byte>.Shared.Rent(ReceiveBuffer);
            }
        }
        else if (_start > 0 && _end == _received.Length)
        {
            Pending.CopyTo(_received);
            _end -= _start;
            _start = 0;
        }

        if (_end == _received.Length)
        {
            if (_end >= limit)
                return default;
            var grown = ArrayPool<byte>.Shared.Rent((int)Math.Min(limit, 2L * _received.Length));
            Pending.CopyTo(grown);
            ArrayPool<byte>.Shared.Return(_received);
            _received = grown;
        }

        return _received.AsMemory(_end);
    }

    public void Received(int count)
    {
        _end += count;
        NeedsMore = false;
    }

    /// <summary>No more is sent; the other side sees the end after the last byte.</summary>
    public async Task ShutDownAsync()
    {
        switch (Stream)
        {
            case SslStream tls:
                await tls.ShutdownAsync().ConfigureAwait(false);
                break;
            case TlsSessionStream tls:
                await tls.ShutDownAsync().ConfigureAwait(false);
                break;
            case NetworkStream network:
                network.Socket.Shutdown(SocketShutdown.Send);
                break;
        }
    }

    public void Dispose()
    {
        Stream.Dispose();
        IsClosed = true;
    }

    /// <summary>Gives the buffers back; nothing may read or send any more.</summary>
    public void Release()
    {
        ArrayPool<byte>.Shared.Return(_received, clearArray: true);
        _received = [];
        _start = _end = 0;
    }
}
