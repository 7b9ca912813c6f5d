using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Weir.Agent.Net.Tls;
using Weir.Agent.Sessions;
using Weir.Agent.Upstream;
using Weir.Protocol.Postgres.Framing;

namespace Weir.Agent.Net.Epoll;

/// <content>The upstream leg: connecting without waiting, another host, and the move to streams when it becomes encrypted.</content>
internal sealed partial class EpollDriver
{
    private int _generation;
    private byte[][] _addresses = [];
    private int _nextAddress;
    private ITimer? _connectTimer;
    private UpstreamTlsOptions? _tls;

    public override void ConnectUpstream(UpstreamHost host, TimeSpan timeout)
    {
        var generation = ++_generation;
        _connectTimer?.Dispose();
        _connectTimer = CreateTimer(driver => driver._loop.Post(
            static state =>
            {
                var (driver, generation) = ((EpollDriver, int))state;
                driver.OnConnectTimeout(generation);
            },
            (driver, generation)));
        _connectTimer.Change(timeout, Timeout.InfiniteTimeSpan);
        if (host.IsUnixSocket)
            BeginConnect([SocketAddressBytes.OfUnix($"{host.Name}/.s.PGSQL.{host.Port}")], generation);
        else if (IPAddress.TryParse(host.Name, out var address))
            BeginConnect([SocketAddressBytes.Of(address, host.Port)], generation);
        else
            _ = ResolveAsync(host, generation);
    }

    public override void StartUpstreamTls(UpstreamTlsOptions options) => _tls = options;

    public override void DropUpstream()
    {
        _generation++;
        _tls = null;
        if (_upstream is { } upstream)
            CloseLeg(upstream);
        _upstream = null;
        _session.ToUpstream = _loop.ToUpstream;
        _session.ToUpstream.Clear();
    }

    private async Task ResolveAsync(UpstreamHost host, int generation)
    {
        byte[][] found = [];
        string? failure = null;
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host.Name).ConfigureAwait(false);
            found = [.. addresses.Select(a => SocketAddressBytes.Of(a, host.Port))];
        }
        catch (SocketException fault)
        {
            failure = fault.Message;
        }

        _loop.Post(
            static state =>
            {
                var (driver, found, failure, generation) = ((EpollDriver, byte[][], string?, int))state;
                if (failure is null)
                    driver.BeginConnect(found, generation);
                else
                    driver.FailConnect(failure, generation);
            },
            (this, found, failure, generation));
    }

    private void BeginConnect(byte[][] addresses, int generation)
    {
        if (generation != _generation || _isClosing || _isOver)
            return;
        _addresses = addresses;
        _nextAddress = 0;
        // Never inside of the call that asked for it: the outcome is another call.
        _loop.Post(
            static state =>
            {
                var (driver, generation) = ((EpollDriver, int))state;
                if (generation == driver._generation)
                    driver.ConnectNext("the name has no address");
            },
            (this, generation));
    }

    private void ConnectNext(string reason)
    {
        if (_isClosing || _isOver)
            return;
        while (_nextAddress < _addresses.Length)
        {
            var address = _addresses[_nextAddress++];
            var leg = new EpollLeg(this, isClient: false) { IsConnecting = true };
            if (TryBegin(leg, address) is { } failure)
            {
                reason = failure;
                continue;
            }

            if (_upstream is { } before)
                CloseLeg(before);
            _upstream = leg;
            return;
        }

        FailConnect(reason, _generation);
    }

    /// <returns>Why not; null when it is under way.</returns>
    private unsafe string? TryBegin(EpollLeg leg, byte[] address)
    {
        var family = BitConverter.ToUInt16(address);
        leg.Fd = Libc.Socket(family, Libc.SocketStream | Libc.Nonblock | Libc.Cloexec, 0);
        if (leg.Fd < 0)
            return Message(Marshal.GetLastSystemError());
        if (family != Libc.FamilyUnix)
        {
            var on = 1;
            _ = Libc.SetOption(leg.Fd, Libc.LevelTcp, Libc.OptionTcpNoDelay, &on, sizeof(int));
            _ = Libc.SetOption(leg.Fd, Libc.LevelSocket, Libc.OptionKeepAlive, &on, sizeof(int));
        }

        int error;
        fixed (byte* first = address)
            error = Libc.Connect(leg.Fd, first, (uint)address.Length) == 0 ? 0 : Marshal.GetLastSystemError();
        if (error is not (0 or Libc.InProgress))
        {
            _loop.Poll.Close(leg);
            return Message(error);
        }

        try
        {
            _loop.Poll.Register(leg, Everything);
            return null;
        }
        catch (Win32Exception fault)
        {
            _loop.Poll.Close(leg);
            return fault.Message;
        }
    }

    /// <returns>Whether it is connected.</returns>
    private unsafe bool OnConnecting(EpollLeg leg)
    {
        int error;
        var length = (uint)sizeof(int);
        if (Libc.GetOption(leg.Fd, Libc.LevelSocket, Libc.OptionError, &error, &length) != 0)
            error = Marshal.GetLastSystemError();
        if (error != 0)
        {
            CloseLeg(leg);
            _upstream = null;
            ConnectNext(Message(error));
            return false;
        }

        _connectTimer?.Dispose();
        _connectTimer = null;
        leg.IsConnecting = false;
        Call(static s => s.OnUpstreamConnected());
        return true;
    }

    private void OnConnectTimeout(int generation)
    {
        if (generation == _generation && !_isClosing && !_isOver && _upstream is null or { IsConnecting: true })
            FailConnect("connecting took too long", generation);
    }

    private void FailConnect(string reason, int generation)
    {
        if (generation != _generation || _isClosing || _isOver)
            return;
        _generation++;
        _connectTimer?.Dispose();
        _connectTimer = null;
        if (_upstream is { } upstream)
            CloseLeg(upstream);
        _upstream = null;
        Call(s => s.OnUpstreamFailed(reason));
    }

    /// <summary>The session goes on over streams, with both sockets and everything that is held or unsent.</summary>
    private void HandOver(UpstreamTlsOptions options)
    {
        _tls = null;
        var upstream = _upstream!;
        if (!upstream.Held.IsEmpty || upstream.Unsent is not null)
        {
            // What came in plaintext behind the answer would be taken for encrypted (CVE-2021-23222).
            _session.Fail("unencrypted data after the answer to the encryption request");
            EndCall();
            return;
        }

        var behind = _client.Held.ToArray();
        _session.ToClient = new MessageWriter(1024);
        _session.ToUpstream = new MessageWriter(1024);
        _session.ToClient.WriteBytes(_client.UnsentPart);
        DisposeTimers();
        var tls = _client.Tls;
        _client.Tls = null;
        var client = Detach(_client);
        var upstreamSocket = Detach(upstream);
        var network = new NetworkStream(client, ownsSocket: true);
        Stream stream = tls is null ? network : new TlsSessionStream(tls.Session, network, tls.TakeUnsent());
        if (behind.Length > 0)
            stream = new PrefixedStream(behind, stream);
        var successor = new StreamDriver(_context.Services, _session, stream, new NetworkStream(upstreamSocket, ownsSocket: true), _lease);
        var lease = _lease!;
        _session.Driver = successor;
        _successor = successor;
        _lease = null;
        _isOver = true;
        _loop.Leave();
        _context.Streams.Continue(successor, options, lease);
    }

    private Socket Detach(EpollLeg leg)
    {
        _loop.Poll.Unregister(leg);
        if (leg.Unsent is not null)
            _loop.TakeBack(leg.EndUnsent());
        leg.Forget();
        return EpollSockets.ToSocket(leg);
    }

    private static string Message(int error) => new Win32Exception(error).Message;
}
