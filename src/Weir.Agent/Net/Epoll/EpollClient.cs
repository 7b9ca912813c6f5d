using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Weir.Agent.Net.Tls;
using Weir.Agent.Sessions;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using ProtocolViolationException = Weir.Protocol.Postgres.ProtocolViolationException;

namespace Weir.Agent.Net.Epoll;

/// <summary>A client up to its startup message: what follows is a session of the loop, with TLS or without.</summary>
internal sealed unsafe class EpollClient : EpollHandler
{
    private const int MaxStartup = 10_004;

    private readonly EpollLoop _loop;
    private readonly EpollContext _context;
    private readonly IPAddress? _address;
    private readonly ConnectionLease _lease;
    private readonly ITimer _deadline;
    private ClientNegotiation _negotiation;
    private byte[] _received = [];
    private bool _isBegun;
    private EpollTls? _tls;
    private ListenerCertificate? _shown;
    private bool _requiresAlpn;

    /// <param name="fd">A socket that does not block. Owned from here on.</param>
    public EpollClient(EpollLoop loop, EpollContext context, int fd, IPAddress? address, ConnectionLease lease)
    {
        _loop = loop;
        _context = context;
        _address = address;
        _lease = lease;
        Fd = fd;
        _negotiation = new ClientNegotiation(context.Certificate() is not null, isTls: false);
        _deadline = context.Services.Time.CreateTimer(
            static state =>
            {
                var client = (EpollClient)state!;
                client._loop.Post(static client => ((EpollClient)client).Abort(), client);
            },
            this,
            context.Services.Options.StartupDeadline,
            Timeout.InfiniteTimeSpan);
        loop.Enter();
        loop.Poll.Register(this, EpollEvents.Readable);
    }

    public override void OnEvents(EpollEvents events)
    {
        if (_tls is not null)
        {
            ReceiveTls(_tls);
            return;
        }

        if (!_isBegun && _context.Certificate() is { } shown && IsTlsHandshake())
        {
            BeginTls(shown, isAsked: false);
            return;
        }

        _isBegun = true;
        var count = Libc.Receive(Fd, _loop.Buffer, MaxStartup, 0);
        if (count > 0)
            OnReceived(new ReadOnlySpan<byte>(_loop.Buffer, (int)count));
        else if (count == 0 || Marshal.GetLastSystemError() is not (Libc.Again or Libc.Interrupted))
            Abort();
    }

    public override void Abort()
    {
        if (Fd < 0)
            return;
        _tls?.Close();
        _loop.Poll.Close(this);
        _deadline.Dispose();
        _lease.Dispose();
        _loop.Leave();
    }

    private bool IsTlsHandshake()
    {
        byte first;
        return Libc.Receive(Fd, &first, 1, Libc.Peek) == 1 && first == StartupPacket.TlsHandshakeByte;
    }

    private void OnReceived(ReadOnlySpan<byte> data)
    {
        if (_received.Length > 0)
        {
            if (_received.Length + data.Length > 2 * MaxStartup)
            {
                Abort();
                return;
            }

            data = _received = [.. _received, .. data];
        }

        while (true)
        {
            NegotiationStep step;
            int packet;
            try
            {
                step = _negotiation.Next(data, out packet);
            }
            catch (ProtocolViolationException violation)
            {
                if (!violation.IsUnanswered)
                    Say(Diagnostic.For(violation));
                Abort();
                return;
            }

            switch (step)
            {
                case NegotiationStep.NeedBytes:
                    _received = data.ToArray();
                    return;
                case NegotiationStep.RefuseGss:
                case NegotiationStep.RefuseTls:
                    if (!TrySend("N"u8))
                    {
                        Abort();
                        return;
                    }

                    break;
                case NegotiationStep.StartTls:
                    BeginTls(_context.Certificate(), isAsked: true);
                    return;
                case NegotiationStep.Cancel:
                    _context.Streams.Cancel(data[..packet]);
                    Abort();
                    return;
                case NegotiationStep.Start:
                    Start(data[..packet], data[packet..]);
                    return;
            }

            data = data[packet..];
            _received = [];
        }
    }

    private void Start(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> behind)
    {
        var isLocal = _address is null || IPAddress.IsLoopback(_address);
        var info = new ClientInfo(_address?.ToString() ?? "local", isLocal, IsTls: _tls is not null, _shown?.Hash ?? default, IsRelayed: false, _tls?.Session.PeerKeyHash() ?? default);
        _deadline.Dispose();
        _loop.Poll.Unregister(this);
        var driver = new EpollDriver(_loop, _context, info, Fd, _tls, _lease);
        Fd = -1;
        _tls = null;
        driver.Start(packet, behind);
    }

    private void BeginTls(ListenerCertificate? shown, bool isAsked)
    {
        if (shown is null)
        {
            // It was taken away since the client was told that there is TLS.
            Abort();
            return;
        }

        if (!OpenSsl.IsAvailable)
        {
            HandToStreams(isAsked);
            return;
        }

        if (isAsked && !TrySend("S"u8))
        {
            Abort();
            return;
        }

        try
        {
            _tls = new EpollTls(_loop, new TlsSession(shown.Loops));
        }
        catch (CryptographicException fault)
        {
            _context.Services.Log.SessionFaulted(fault, Guid.Empty);
            Abort();
            return;
        }

        _shown = shown;

        // Without ALPN a direct handshake may be meant for another protocol (ALPACA); PostgreSQL refuses it too.
        _requiresAlpn = !isAsked;
        _negotiation = new ClientNegotiation(isTlsOffered: false, isTls: true);
        _received = [];
        ReceiveTls(_tls);
    }

    private void ReceiveTls(EpollTls tls)
    {
        do
        {
            var count = tls.Receive(Fd, _loop.Buffer, MaxStartup, out _);
            if (count == EpollTls.Nothing)
                return;
            if (count <= 0 || (_requiresAlpn && !tls.Session.HasAlpn))
            {
                Abort();
                return;
            }

            OnReceived(new ReadOnlySpan<byte>(_loop.Buffer, count));
        }
        while (Fd >= 0 && tls.Session.HasMore);
    }

    private void HandToStreams(bool isTlsAsked)
    {
        _deadline.Dispose();
        _loop.Poll.Unregister(this);
        _loop.Leave();
        _context.Streams.Serve(EpollSockets.ToSocket(this), _address, _lease, _negotiation, isTlsAsked);
    }

    private void Say(Diagnostic diagnostic)
    {
        var writer = new MessageWriter(256);
        ErrorResponse.Write(writer, diagnostic);
        TrySend(writer.Written);
        _tls?.SayGoodbye(Fd);
    }

    // So few bytes always find room in the buffer of a fresh socket.
    private bool TrySend(ReadOnlySpan<byte> bytes)
    {
        if (_tls is not null)
            return _tls.Send(Fd, bytes) == bytes.Length;
        fixed (byte* first = bytes)
            return Libc.Send(Fd, first, (nuint)bytes.Length, Libc.NoSignal) == bytes.Length;
    }
}
