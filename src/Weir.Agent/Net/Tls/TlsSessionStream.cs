using System.Net.Sockets;

namespace Weir.Agent.Net.Tls;

/// <summary>A TLS connection that a loop began, as a stream. One reader and one writer at a time.</summary>
internal sealed class TlsSessionStream : AsyncStream
{
    private readonly TlsSession _session;
    private readonly NetworkStream _inner;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly byte[] _received = new byte[TlsSession.PieceBytes];
    private readonly byte[] _records = new byte[2 * TlsSession.PieceBytes];
    private byte[] _first;

    /// <param name="unsent">Records to be sent before anything else.</param>
    public TlsSessionStream(TlsSession session, NetworkStream inner, byte[] unsent)
    {
        _session = session;
        _inner = inner;
        _first = unsent;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        while (true)
        {
            int count;
            bool answers;
            lock (_gate)
            {
                count = Decrypt(buffer.Span);
                answers = _session.OutputBytes > 0;
                if (count == 0 && _session.IsBroken)
                    throw new IOException("The TLS connection is broken.");
                if (count == 0 && _session.IsEnded)
                    return 0;
            }

            if (answers)
                await SendAsync(default, cancellationToken).ConfigureAwait(false);
            if (count > 0)
                return count;
            var received = await _inner.ReadAsync(_received, cancellationToken).ConfigureAwait(false);
            if (received == 0)
                return 0;
            lock (_gate)
                _session.Put(_received.AsSpan(0, received));
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => new(SendAsync(buffer, cancellationToken));

    /// <summary>No more is sent; the other side sees an orderly end.</summary>
    public async Task ShutDownAsync()
    {
        lock (_gate)
            _session.SayGoodbye();
        await SendAsync(default, CancellationToken.None).ConfigureAwait(false);
        _inner.Socket.Shutdown(SocketShutdown.Send);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            lock (_gate)
                _session.Dispose();
            _sending.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task SendAsync(ReadOnlyMemory<byte> plain, CancellationToken cancellationToken)
    {
        // Records must leave in the order in which they were made.
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_first.Length > 0)
            {
                await _inner.WriteAsync(_first, cancellationToken).ConfigureAwait(false);
                _first = [];
            }

            do
            {
                var piece = plain[..Math.Min(plain.Length, TlsSession.PieceBytes)];
                plain = plain[piece.Length..];
                lock (_gate)
                {
                    if (!piece.IsEmpty && !_session.Write(piece.Span))
                        throw new IOException("The TLS connection takes nothing any more.");
                }

                while (TakeOutput() is var count and > 0)
                    await _inner.WriteAsync(_records.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
            while (!plain.IsEmpty);
        }
        finally
        {
            _sending.Release();
        }
    }

    private unsafe int Decrypt(Span<byte> target)
    {
        fixed (byte* first = target)
            return _session.Read(first, target.Length);
    }

    private unsafe int TakeOutput()
    {
        lock (_gate)
        {
            fixed (byte* first = _records)
                return _session.TakeOutput(first, _records.Length);
        }
    }
}
