using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Weir.Agent.Recording;
using Weir.Agent.Sessions;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Agent.Net.Epoll;

/// <summary>
/// Drives a session whose legs are both sockets of one loop; the client's may be encrypted. Everything happens on the loop's thread; what comes from elsewhere is posted. A session that wants
/// TLS towards its database moves on to a <see cref="StreamDriver"/>.
/// </summary>
internal sealed unsafe partial class EpollDriver : SessionDriver
{
    /// <summary>Bytes that wait to be sent on a leg before its source is read no further.</summary>
    private const int HighWater = 128 * 1024;

    // Changes only: an event that is not handled at once costs no system call, neither now nor when it is.
    private const EpollEvents Everything = EpollEvents.Readable | EpollEvents.Writable | EpollEvents.PeerClosed | EpollEvents.EdgeTriggered;
    private const EpollEvents End = EpollEvents.PeerClosed | EpollEvents.HungUp | EpollEvents.Error;

    /// <summary>Bytes left to be sent when the source is read again.</summary>
    private const int LowWater = 32 * 1024;

    private readonly EpollLoop _loop;
    private readonly EpollContext _context;
    private readonly PostgresSession _session;
    private readonly EpollLeg _client;
    private EpollLeg? _upstream;
    private ConnectionLease? _lease;
    private ITimer? _timer;
    private ITimer? _closeTimer;
    private volatile StreamDriver? _successor;
    private bool _isAuthenticated;
    private bool _isInterrupted;
    private bool _isShutDown;
    private bool _isClosing;
    private bool _isOver;

    /// <param name="client">A socket that does not block, registered nowhere. Owned by the driver from here on.</param>
    /// <param name="tls">Of the client, after its handshake; null for none. Owned too.</param>
    public EpollDriver(EpollLoop loop, EpollContext context, ClientInfo info, int client, EpollTls? tls, ConnectionLease lease)
    {
        _loop = loop;
        _context = context;
        _lease = lease;
        _client = new EpollLeg(this, isClient: true) { Fd = client, Tls = tls };
        _session = new PostgresSession(context.Services, info, this);
    }

    /// <summary>Begins the session. On the loop's thread.</summary>
    /// <param name="startupPacket">The startup message, whole.</param>
    /// <param name="behind">What the client sent behind it.</param>
    public void Start(ReadOnlySpan<byte> startupPacket, ReadOnlySpan<byte> behind)
    {
        BeginCall();
        try
        {
            _loop.Poll.Register(_client, Everything);
            _session.Start(startupPacket);
            _client.Keep(behind);
            if (_client.Tls is not null)
            {
                // What is decrypted already is not reported by anybody.
                _client.IsReady = true;
                _loop.Again(_client);
            }

            Pump();
        }
        catch (Exception fault) when (OnFault(fault))
        {
        }

        EndCall();
    }

    public override void Post(Action<PostgresSession> work)
    {
        if (_successor is { } successor)
            successor.Post(work);
        else
            _loop.Post(static state => ((PostedWork)state).Run(), new PostedWork(this, work));
    }

    public override void WakeAfter(TimeSpan? delay)
    {
        if (delay is { } wait)
            (_timer ??= CreateTimer(static driver => driver.Post(static s => s.OnTimer()))).Change(wait, Timeout.InfiniteTimeSpan);
        else
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Something happened to one of the sockets.</summary>
    public void OnEvents(EpollLeg leg, EpollEvents events)
    {
        if (leg.IsConnecting && !OnConnecting(leg))
            return;
        if ((events & (EpollEvents.Readable | End)) != 0)
        {
            leg.IsReady = true;
            leg.Ends |= events & End;
        }

        if ((events & EpollEvents.Writable) != 0 && (leg.Unsent is not null || leg.UnsentBytes > 0))
            OnWritable(leg);
        GoOn(leg);
    }

    /// <summary>Reads once, if there is something to read and somebody to take it.</summary>
    public void GoOn(EpollLeg leg)
    {
        if (leg.Fd < 0 || !leg.IsReady)
            return;
        if (_isClosing)
        {
            Discard(leg);
        }
        else if (!Reads(leg))
        {
            leg.IsPaused = true;
            // Nothing can be read to learn of the end, so the report of it has to do. A client that waits for an answer is missed at once; what came before the end of others still counts.
            if ((leg.Ends & (EpollEvents.Error | EpollEvents.HungUp)) != 0 || (leg.Ends != EpollEvents.None && IsParked(leg)))
                OnEnd(leg, isOrderly: (leg.Ends & EpollEvents.Error) == 0);
        }
        else if (leg.Held.Length > EpollLoop.JoinBytes)
        {
            ReceiveOwn(leg);
        }
        else
        {
            ReceiveShared(leg);
        }
    }

    /// <summary>Ends the session hard. On the loop's thread.</summary>
    public void Abort()
    {
        if (_isOver)
            return;
        BeginCall();
        _session.End(SessionEndReason.Drained, null, "the agent stops");
        _session.ToClient.Clear();
        _session.ToUpstream.Clear();
        CloseLeg(_client);
        if (_upstream is not null)
            CloseLeg(_upstream);
        Finish();
    }

    private void ReceiveShared(EpollLeg leg)
    {
        var held = leg.Held;
        var target = _loop.Buffer + EpollLoop.JoinBytes;
        var count = Receive(leg, target, EpollLoop.ReceiveBytes, out var isAll);
        if (count <= 0)
        {
            OnNothing(leg, count, isAll);
            return;
        }

        OnReceived(leg, isAll);
        var first = target - held.Length;
        held.CopyTo(new Span<byte>(first, held.Length));
        var data = new ReadOnlySpan<byte>(first, held.Length + count);
        leg.NeedsMore = false;
        BeginCall();
        try
        {
            var consumed = Give(leg, data);
            if (IsCurrent(leg))
            {
                leg.Keep(data[consumed..]);
                leg.NeedsMore = consumed < data.Length && Wants(leg);
            }

            if (!_client.Held.IsEmpty || _upstream is { Held.IsEmpty: false })
                Pump();
        }
        catch (Exception fault) when (OnFault(fault))
        {
        }

        EndCall();
    }

    private void ReceiveOwn(EpollLeg leg)
    {
        var room = leg.Room();
        int count;
        bool isAll;
        fixed (byte* target = room)
            count = Receive(leg, target, room.Length, out isAll);
        if (count <= 0)
        {
            OnNothing(leg, count, isAll);
            return;
        }

        OnReceived(leg, isAll);
        leg.Received(count);
        leg.NeedsMore = false;
        Call(static _ => { });
    }

    /// <param name="isAll">Less than there was room for was all there is (epoll(7)); whatever comes later is reported.</param>
    /// <returns>Bytes; 0 for the end, else <see cref="EpollTls.Nothing"/> or <see cref="EpollTls.Broken"/>.</returns>
    private static int Receive(EpollLeg leg, byte* target, int room, out bool isAll)
    {
        if (leg.Tls is { } tls)
            return tls.Receive(leg.Fd, target, room, out isAll);
        var count = (int)Libc.Receive(leg.Fd, target, (nuint)room, 0);
        isAll = count < room;
        if (count >= 0)
            return count;
        var error = Marshal.GetLastSystemError();
        isAll = error != Libc.Interrupted;
        return error is Libc.Again or Libc.Interrupted ? EpollTls.Nothing : EpollTls.Broken;
    }

    private void OnReceived(EpollLeg leg, bool isAll)
    {
        leg.IsReady = !isAll || leg.Ends != EpollEvents.None;
        if (leg.IsReady)
            _loop.Again(leg);
    }

    private void OnNothing(EpollLeg leg, int count, bool isAll)
    {
        if (count == EpollTls.Nothing)
        {
            leg.IsReady = !isAll;
            if (leg.IsReady)
                _loop.Again(leg);
            return;
        }

        OnEnd(leg, isOrderly: count == 0);
    }

    private void OnEnd(EpollLeg leg, bool isOrderly)
    {
        CloseLeg(leg);
        if (!leg.IsClient)
            Call(static s => s.OnUpstreamClosed());
        else if (isOrderly)
            Call(static s => s.OnClientClosed(isOrderly: true));
        else
            Call(static s => s.OnClientClosed(isOrderly: false));
    }

    private bool Wants(EpollLeg leg) => leg.IsClient ? _session.ReadsClient : _session.ReadsUpstream;

    private bool IsParked(EpollLeg leg) => leg.IsClient && !_session.ReadsClient;

    /// <summary>The session takes bytes of the leg, and the other leg can take what comes of them.</summary>
    private bool Reads(EpollLeg leg) => Wants(leg) && ((leg.IsClient ? _upstream : _client)?.UnsentBytes ?? 0) < (leg.IsPaused ? LowWater + 1 : HighWater);

    private bool IsCurrent(EpollLeg leg) => leg.IsClient || ReferenceEquals(leg, _upstream);

    private int Give(EpollLeg leg, ReadOnlySpan<byte> data) => leg.IsClient ? _session.OnClientBytes(data) : _session.OnUpstreamBytes(data);

    /// <summary>One call into the session, then whatever follows from it.</summary>
    private void Call(Action<PostgresSession> work)
    {
        if (_isOver)
            return;
        BeginCall();
        try
        {
            work(_session);
            Pump();
        }
        catch (Exception fault) when (OnFault(fault))
        {
        }

        EndCall();
    }

    private void BeginCall()
    {
        _session.ToClient = _client.Unsent ?? _loop.ToClient;
        _session.ToUpstream = _upstream?.Unsent ?? _loop.ToUpstream;
    }

    /// <summary>Lets the session go on with what it has not taken, as long as it takes any.</summary>
    private void Pump()
    {
        bool again;
        do
        {
            again = PumpLeg(_client);
            if (_upstream is { } upstream)
                again |= PumpLeg(upstream);
        }
        while (again && _session.ToClient.Length < HighWater && _session.ToUpstream.Length < HighWater);
        _isInterrupted = again;
    }

    private bool PumpLeg(EpollLeg leg)
    {
        if (leg.NeedsMore || leg.Held.IsEmpty || !Wants(leg))
            return false;
        var consumed = Give(leg, leg.Held);
        if (!IsCurrent(leg))
            return true;
        leg.Take(consumed);
        leg.NeedsMore = !leg.Held.IsEmpty && Wants(leg);
        return consumed > 0;
    }

    private void EndCall()
    {
        if (!_isAuthenticated && _session.Identity is not null)
        {
            _isAuthenticated = true;
            _lease?.OnAuthenticated();
        }

        Send(_client, _session.ToClient);
        Send(_upstream, _session.ToUpstream);
        if (_isInterrupted)
        {
            // What was sent at once makes no event that would go on with the rest.
            _isInterrupted = false;
            Post(static _ => { });
        }

        if (_session.IsOver)
        {
            Close();
        }
        else if (_tls is { } options)
        {
            HandOver(options);
        }
        else
        {
            ResumeIfWanted(_client);
            if (_upstream is { } upstream)
                ResumeIfWanted(upstream);
        }
    }

    private void ResumeIfWanted(EpollLeg leg)
    {
        if (!leg.IsPaused || !Wants(leg) || ((leg.IsClient ? _upstream : _client)?.UnsentBytes ?? 0) > LowWater)
            return;
        leg.IsPaused = false;
        if (leg.IsReady)
            _loop.Again(leg);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A defect ends its own session, not the loop.")]
    private bool OnFault(Exception fault)
    {
        _context.Services.Log.SessionFaulted(fault, _session.Id);
        _session.Fail(fault.GetType().Name);
        return true;
    }

    private ITimer CreateTimer(Action<EpollDriver> work) =>
        _context.Services.Time.CreateTimer(static state => ((TimerWork)state!).Run(), new TimerWork(this, work), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private sealed record PostedWork(EpollDriver Driver, Action<PostgresSession> Work)
    {
        public void Run()
        {
            // The session may have moved on while this was in the queue.
            if (Driver._successor is { } successor)
                successor.Post(Work);
            else
                Driver.Call(Work);
        }
    }

    private sealed record TimerWork(EpollDriver Driver, Action<EpollDriver> Work)
    {
        public void Run() => Work(Driver);
    }
}
