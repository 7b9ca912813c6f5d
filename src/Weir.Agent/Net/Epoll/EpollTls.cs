using System.Runtime.InteropServices;
using Weir.Agent.Net.Tls;

namespace Weir.Agent.Net.Epoll;

/// <summary>TLS of a client's socket in a loop: receives, decrypts, encrypts, sends, and keeps records that the socket did not take.</summary>
internal sealed unsafe class EpollTls(EpollLoop loop, TlsSession session)
{
    /// <summary>Nothing is there now.</summary>
    public const int Nothing = -1;

    /// <summary>The connection broke.</summary>
    public const int Broken = -2;

    /// <summary>Plain bytes are encrypted in pieces of that size; a piece that is not sent whole ends the turn.</summary>
    private const int WriteBytes = 2 * TlsSession.PieceBytes;

    /// <summary>Beyond it somebody asks for answers of the protocol and does not read them.</summary>
    private const int MaxUnsent = 4 * WriteBytes;

    private byte[] _unsent = [];
    private int _sent;

    public TlsSession Session => session;

    /// <summary>Records that wait for the socket.</summary>
    public int UnsentBytes => _unsent.Length - _sent;

    /// <param name="isAll">Nothing more is there until it is reported.</param>
    /// <returns>Plain bytes; 0 for the end, else <see cref="Nothing"/> or <see cref="Broken"/>.</returns>
    public int Receive(int fd, byte* target, int room, out bool isAll)
    {
        if (session.HasMore)
        {
            isAll = false;
            if (session.Read(target, room) is var left and > 0)
                return left;
        }

        isAll = true;
        if (session.IsEnded)
            return 0;
        if (session.IsBroken)
            return Broken;
        var received = Libc.Receive(fd, loop.Records, EpollLoop.ReceiveBytes, 0);
        if (received <= 0)
        {
            var error = received < 0 ? Marshal.GetLastSystemError() : 0;
            isAll = error != Libc.Interrupted;
            return received == 0 ? 0 : error is Libc.Again or Libc.Interrupted ? Nothing : Broken;
        }

        isAll = received < EpollLoop.ReceiveBytes;
        var total = 0;
        for (var at = 0; at < received;)
        {
            var piece = Math.Min(TlsSession.PieceBytes, (int)received - at);
            session.Put(new ReadOnlySpan<byte>(loop.Records + at, piece));
            at += piece;
            if (total < room)
                total += session.Read(target + total, room - total);
        }

        // Answers of the protocol itself: the handshake's, an update of keys, an alert.
        if (!Flush(fd) && UnsentBytes + session.OutputBytes > MaxUnsent)
            session.Break();
        isAll &= !session.HasMore && !session.IsEnded && !session.IsBroken;
        return total > 0 ? total : session.IsEnded ? 0 : session.IsBroken ? Broken : Nothing;
    }

    /// <returns>Plain bytes that are on their way. All of them also when the connection is broken: that shows when it is read.</returns>
    public int Send(int fd, ReadOnlySpan<byte> plain)
    {
        if (!Flush(fd))
            return 0;
        for (var sent = 0; sent < plain.Length;)
        {
            var piece = plain.Slice(sent, Math.Min(WriteBytes, plain.Length - sent));
            if (!session.Write(piece))
                return plain.Length;
            sent += piece.Length;
            if (!Flush(fd))
                return sent;
        }

        return plain.Length;
    }

    /// <returns>False when records still wait for the socket.</returns>
    public bool Flush(int fd)
    {
        if (UnsentBytes > 0)
        {
            _sent += SendOnce(fd, _unsent.AsSpan(_sent));
            if (UnsentBytes > 0)
                return false;
            _unsent = [];
            _sent = 0;
        }

        while (session.TakeOutput(loop.Records, EpollLoop.ReceiveBytes) is var count and > 0)
        {
            var records = new ReadOnlySpan<byte>(loop.Records, count);
            var sent = SendOnce(fd, records);
            if (sent == count)
                continue;
            _unsent = records[sent..].ToArray();
            return false;
        }

        return true;
    }

    /// <summary>Tells the peer that nothing more comes, as far as the socket takes it.</summary>
    public void SayGoodbye(int fd)
    {
        session.SayGoodbye();
        Flush(fd);
    }

    /// <summary>Records that a stream sends first which takes the connection over.</summary>
    public byte[] TakeUnsent()
    {
        var rest = _unsent[_sent..];
        _unsent = [];
        _sent = 0;
        return rest;
    }

    /// <summary>Forgets everything; the socket stays open.</summary>
    public void Close() => session.Dispose();

    private static int SendOnce(int fd, ReadOnlySpan<byte> records)
    {
        fixed (byte* first = records)
        {
            var count = Libc.Send(fd, first, (nuint)records.Length, Libc.NoSignal);
            if (count >= 0)
                return (int)count;
            return Marshal.GetLastSystemError() is Libc.Again or Libc.Interrupted ? 0 : records.Length;
        }
    }
}
