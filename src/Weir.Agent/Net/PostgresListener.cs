using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Weir.Agent.Net.Epoll;
using Weir.Agent.Sessions;
using Weir.Agent.Upstream;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Backend;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Frontend;
using ProtocolViolationException = Weir.Protocol.Postgres.ProtocolViolationException;

namespace Weir.Agent.Net;

/// <summary>
/// Accepts clients, negotiates encryption, takes CancelRequests, and starts a session for every startup message: on its own
/// sockets, and for clients that come through the relay.
/// </summary>
internal sealed partial class PostgresListener(AgentServices services, IReadOnlyList<EndPoint> endPoints, Func<ListenerCertificate?> certificate) : IStreamSessions, IAsyncDisposable
{
    private const int Backlog = 1024;
    private readonly ConnectionLimits _limits = new(services.Options.MaxConnections, services.Options.MaxConnectionsPerAddress, services.Options.MaxUnauthenticated);
    private readonly ConcurrentDictionary<long, Task> _clients = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private EpollServer? _loops;
    private long _lastClient;

    /// <summary>Where it listens, with the real ports; after <see cref="Bind"/>.</summary>
    public IReadOnlyList<EndPoint> LocalEndPoints { get; private set; } = [];

    /// <summary>The event loops, while it runs with them.</summary>
    public IReadOnlyList<EpollLoop> Loops => _loops?.Loops ?? [];

    /// <exception cref="SocketException">An address is taken or not there.</exception>
    public void Bind()
    {
        foreach (var endPoint in endPoints)
        {
            var socket = endPoint is UnixDomainSocketEndPoint
                ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            if (endPoint is IPEndPoint { Address: var address } && address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(endPoint);
            socket.Listen(Backlog);
        }

        LocalEndPoints = [.. _sockets.Select(s => s.LocalEndPoint!)];
    }

    /// <summary>Serves until cancelled; then no new client is taken, and those that are there stay until <see cref="DisposeAsync"/>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_sockets.Count == 0)
            Bind();
        if (!services.Options.UseLoops)
        {
            await Task.WhenAll(_sockets.Select(s => AcceptAsync(s, cancellationToken))).ConfigureAwait(false);
            return;
        }

        _loops = new EpollServer(new EpollContext(services, _limits, certificate, this), services.Options.Loops);
        _loops.Start(_sockets);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _loops.StopAccepting();
    }

    void IStreamSessions.Serve(Socket socket, IPAddress? address, ConnectionLease lease, ClientNegotiation negotiation, bool isTlsAsked) =>
        Track(ServeAcceptedAsync(socket, address, lease, negotiation, isTlsAsked));

    void IStreamSessions.Continue(StreamDriver driver, UpstreamTlsOptions options, ConnectionLease lease) => Track(ContinueAsync(driver, options, lease));

    void IStreamSessions.Cancel(ReadOnlySpan<byte> packet) => OnCancel(packet);

    /// <summary>Serves a client whose startup message the relay has read.</summary>
    /// <param name="duplex">The client's bytes behind the startup message, and the way back. Owned by the session from here on.</param>
    public void AcceptRelayed(Stream duplex, RelayedClient client)
    {
        var lease = _limits.TryEnter(null);
        Track(lease is null ? RefuseAsync(duplex) : RunSessionAsync(duplex, new ClientInfo(client.ClientAddress, IsLoopback(client.ClientAddress), client.Tls, client.CertificateHash, IsRelayed: true), client.StartupMessage, lease));
    }

    // The relay has seen the client's side of the wire, which is the only one without TLS: the leg from the relay to here always has it.
    private static bool IsLoopback(string address) => IPEndPoint.TryParse(address, out var endpoint) && IPAddress.IsLoopback(endpoint.Address);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_loops is not null)
            await _loops.DisposeAsync().ConfigureAwait(false);
        foreach (var socket in _sockets)
            socket.Dispose();
        await Task.WhenAll(_clients.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync(Socket listening, CancellationToken cancellationToken)
    {
        var endPoint = listening.LocalEndPoint?.ToString() ?? "";
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var socket = await listening.AcceptAsync(cancellationToken).ConfigureAwait(false);
                Track(ServeAsync(socket));
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (ObjectDisposedException)
            {
                break;
            }
            catch (SocketException fault)
            {
                // No descriptors left, or the client was gone before it was accepted: try again, but not in a tight loop.
                services.Log.AcceptFailed(fault, endPoint);
                await Task.Delay(TimeSpan.FromMilliseconds(100), services.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        listening.Dispose();
    }

    private void Track(Task task)
    {
        var id = Interlocked.Increment(ref _lastClient);
        _clients[id] = task;
        task.ContinueWith(
            static (_, state) =>
            {
                var (clients, id) = ((ConcurrentDictionary<long, Task>, long))state!;
                clients.TryRemove(id, out var _);
            },
            (_clients, id),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private async Task ServeAsync(Socket socket)
    {
        // Off the accept loop: the first bytes may already be there and would be handled inline.
        await Task.Yield();
        var remote = socket.RemoteEndPoint as IPEndPoint;
        var address = remote is { Address.IsIPv4MappedToIPv6: true } ? remote.Address.MapToIPv4() : remote?.Address;
        if (remote is not null)
        {
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        }

        await ServeAcceptedAsync(socket, address, _limits.TryEnter(address), null, isTlsAsked: false).ConfigureAwait(false);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Nothing that one client does may end the listener.")]
    private async Task ServeAcceptedAsync(Socket socket, IPAddress? address, ConnectionLease? lease, ClientNegotiation? begun, bool isTlsAsked)
    {
        await Task.Yield();
        try
        {
            var stream = new NetworkStream(socket, ownsSocket: true);
            await using (stream.ConfigureAwait(false))
            {
                if (lease is null)
                {
                    services.Log.Refused("too many client connections");
                    await RefuseAsync(stream).ConfigureAwait(false);
                    return;
                }

                await NegotiateAsync(socket, stream, address, lease, begun, isTlsAsked).ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (fault is IOException or SocketException or OperationCanceledException or AuthenticationException or ObjectDisposedException)
        {
            services.Log.EarlyEnd(fault.Message);
        }
        catch (Exception fault)
        {
            services.Log.SessionFaulted(fault, Guid.Empty);
        }
        finally
        {
            lease?.Dispose();
            socket.Dispose();
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Nothing that one client does may end the listener.")]
    private async Task ContinueAsync(StreamDriver driver, UpstreamTlsOptions options, ConnectionLease lease)
    {
        await Task.Yield();
        try
        {
            using (lease)
            using (driver)
                await driver.ContinueAsync(options, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            services.Log.SessionFaulted(fault, Guid.Empty);
        }
    }

    private void OnCancel(ReadOnlySpan<byte> packet)
    {
        if (!StartupPacket.TryRead(packet, ProtocolLimits.Default, out var read, out _))
            return;
        try
        {
            var request = CancelRequest.Read(read);
            services.Sessions.Cancel(new CancelKey(request.ProcessId, request.Secret));
        }
        catch (ProtocolViolationException)
        {
            // A CancelRequest is never answered, whatever is wrong with it.
        }
    }

    private async Task RunSessionAsync(Stream stream, ClientInfo info, ReadOnlyMemory<byte> startup, ConnectionLease lease)
    {
        await Task.Yield();
        using (lease)
        await using (stream.ConfigureAwait(false))
            await DriveAsync(stream, info, startup, lease).ConfigureAwait(false);
    }

    private async Task DriveAsync(Stream stream, ClientInfo info, ReadOnlyMemory<byte> startup, ConnectionLease lease)
    {
        using var driver = new StreamDriver(services, info, stream, lease);
        await driver.RunAsync(startup, _stop.Token).ConfigureAwait(false);
    }

    private async Task RefuseAsync(Stream stream)
    {
        await using (stream.ConfigureAwait(false))
            await SayAsync(stream, Diagnostic.Fatal(SqlStates.TooManyConnections, "sorry, too many clients already"), _stop.Token).ConfigureAwait(false);
    }

    private static async Task SayAsync(Stream stream, Diagnostic diagnostic, CancellationToken cancellationToken)
    {
        var writer = new MessageWriter(256);
        ErrorResponse.Write(writer, diagnostic);
        await stream.WriteAsync(writer.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }
}
