using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Weir.Agent.Sessions;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Agent.Net.Epoll;

/// <summary>A listening socket in the first loop: takes clients and gives each to the loop with the fewest.</summary>
internal sealed unsafe class EpollAcceptor : EpollHandler
{
    private const int MaxPerRound = 64;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    private readonly IReadOnlyList<EpollLoop> _loops;
    private readonly EpollContext _context;
    private readonly Socket _listening;
    private readonly string _endPoint;
    private readonly ITimer _retry;

    /// <param name="listening">Bound and listening; owned from here on.</param>
    public EpollAcceptor(IReadOnlyList<EpollLoop> loops, EpollContext context, Socket listening)
    {
        _loops = loops;
        _context = context;
        _listening = listening;
        _endPoint = listening.LocalEndPoint?.ToString() ?? "";
        listening.Blocking = false;
        if (listening.AddressFamily != AddressFamily.Unix)
        {
            // Accepted sockets inherit both (tcp(7)), which saves a system call for each of them.
            listening.NoDelay = true;
            listening.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        }

        Fd = (int)listening.Handle;
        _retry = context.Services.Time.CreateTimer(static state => ((EpollAcceptor)state!).Retry(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>On the first loop's thread.</summary>
    public void Start() => _loops[0].Poll.Register(this, EpollEvents.Readable);

    public override void OnEvents(EpollEvents events)
    {
        var bytes = stackalloc byte[SocketAddressBytes.MaxSize];
        for (var i = 0; i < MaxPerRound && Fd >= 0; i++)
        {
            uint length = SocketAddressBytes.MaxSize;
            var fd = Libc.Accept(Fd, bytes, &length, Libc.Nonblock | Libc.Cloexec);
            if (fd >= 0)
            {
                Take(fd, SocketAddressBytes.Read(new ReadOnlySpan<byte>(bytes, (int)Math.Min(length, SocketAddressBytes.MaxSize))));
                continue;
            }

            var error = Marshal.GetLastSystemError();
            if (error is Libc.Again or Libc.Interrupted)
                return;
            // No descriptors left, or the client was gone before it was accepted: try again, but not in a tight loop.
            _context.Services.Log.AcceptFailed(new SocketException(error), _endPoint);
            _loops[0].Poll.Change(this, EpollEvents.None);
            _retry.Change(RetryAfter, Timeout.InfiniteTimeSpan);
            return;
        }
    }

    /// <summary>Takes no more clients.</summary>
    public override void Abort()
    {
        if (Fd < 0)
            return;
        _retry.Dispose();
        _loops[0].Poll.Unregister(this);
        Fd = -1;
        _listening.Dispose();
    }

    private void Retry() => _loops[0].Post(
        static state =>
        {
            var acceptor = (EpollAcceptor)state;
            acceptor._loops[0].Poll.Change(acceptor, EpollEvents.Readable);
        },
        this);

    private void Take(int fd, IPAddress? address)
    {
        var lease = _context.Limits.TryEnter(address);
        if (lease is null)
        {
            _context.Services.Log.Refused("too many client connections");
            Refuse(fd);
            return;
        }

        var loop = _loops[0];
        for (var i = 1; i < _loops.Count; i++)
        {
            if (_loops[i].Sessions < loop.Sessions)
                loop = _loops[i];
        }

        if (ReferenceEquals(loop, _loops[0]))
            Begin(loop, fd, address, lease);
        else
            loop.Post(static state => ((Accepted)state).Begin(), new Accepted(this, loop, fd, address, lease));
    }

    private void Begin(EpollLoop loop, int fd, IPAddress? address, ConnectionLease lease)
    {
        try
        {
            _ = new EpollClient(loop, _context, fd, address, lease);
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            // The system watches no more descriptors for this process.
            _context.Services.Log.AcceptFailed(fault, _endPoint);
            loop.Leave();
            lease.Dispose();
            _ = Libc.Close(fd);
        }
    }

    private static void Refuse(int fd)
    {
        var writer = new MessageWriter(256);
        ErrorResponse.Write(writer, Diagnostic.Fatal(SqlStates.TooManyConnections, "sorry, too many clients already"));
        fixed (byte* first = writer.Written)
            _ = Libc.Send(fd, first, (nuint)writer.Length, Libc.NoSignal);
        // What the client has sent is read first: closed with unread bytes in it, the socket would be reset, and the reset could overtake the message.
        _ = Libc.Shutdown(fd, Libc.ShutdownWrite);
        var unread = stackalloc byte[512];
        _ = Libc.Receive(fd, unread, 512, Libc.DontWait);
        _ = Libc.Close(fd);
    }

    private sealed record Accepted(EpollAcceptor Acceptor, EpollLoop Loop, int Fd, IPAddress? Address, ConnectionLease Lease)
    {
        public void Begin() => Acceptor.Begin(Loop, Fd, Address, Lease);
    }
}
