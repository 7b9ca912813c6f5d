using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Weir.Agent.Sessions;
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
internal sealed class PostgresListener(AgentServices services, IReadOnlyList<EndPoint> endPoints, Func<ListenerCertificate?> certificate) : IAsyncDisposable
{
    private const int Backlog = 1024;
    private const int MaxStartup = 10_004;

    private static readonly SslApplicationProtocol Alpn = new("postgresql");

    private readonly ConnectionLimits _limits = new(services.Options.MaxConnections, services.Options.MaxConnectionsPerAddress, services.Options.MaxUnauthenticated);
    private readonly ConcurrentDictionary<long, Task> _clients = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private long _lastClient;

    /// <summary>Where it listens, with the real ports; after <see cref="Bind"/>.</summary>
    public IReadOnlyList<EndPoint> LocalEndPoints => [.. _sockets.Select(s => s.LocalEndPoint!)];

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
    }

    /// <summary>Serves until cancelled; then no new client is taken, and those that are there stay until <see cref="DisposeAsync"/>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_sockets.Count == 0)
            Bind();
        await Task.WhenAll(_sockets.Select(s => AcceptAsync(s, cancellationToken))).ConfigureAwait(false);
    }

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

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Nothing that one client does may end the listener.")]
    private async Task ServeAsync(Socket socket)
    {
        // Off the accept loop: the first bytes may already be there and would be handled inline.
        await Task.Yield();
        var remote = socket.RemoteEndPoint as IPEndPoint;
        var address = remote is { Address.IsIPv4MappedToIPv6: true } ? remote.Address.MapToIPv4() : remote?.Address;
        using var lease = _limits.TryEnter(address);
        try
        {
            if (remote is not null)
            {
                socket.NoDelay = true;
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            }

            var stream = new NetworkStream(socket, ownsSocket: true);
            await using (stream.ConfigureAwait(false))
            {
                if (lease is null)
                {
                    services.Log.Refused("too many client connections");
                    await RefuseAsync(stream).ConfigureAwait(false);
                    return;
                }

                await NegotiateAsync(socket, stream, address, lease).ConfigureAwait(false);
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
            socket.Dispose();
        }
    }

    private async Task NegotiateAsync(Socket socket, Stream stream, IPAddress? address, ConnectionLease lease)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        using var timer = services.Time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), deadline, services.Options.StartupDeadline, Timeout.InfiniteTimeSpan);
        var isLocal = address is null || IPAddress.IsLoopback(address);
        var shown = certificate();
        var isTls = false;
        var first = new byte[1];
        if (await socket.ReceiveAsync(first, SocketFlags.Peek, deadline.Token).ConfigureAwait(false) == 0)
            return;
        if (first[0] == StartupPacket.TlsHandshakeByte && shown is not null)
        {
            stream = await StartTlsAsync(stream, shown, requireAlpn: true, deadline.Token).ConfigureAwait(false);
            isTls = true;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(MaxStartup);
        try
        {
            var negotiation = new ClientNegotiation(shown is not null && !isTls, isTls);
            var length = 0;
            while (true)
            {
                NegotiationStep step;
                int packet;
                try
                {
                    step = negotiation.Next(buffer.AsSpan(0, length), out packet);
                }
                catch (ProtocolViolationException violation)
                {
                    await SayAsync(stream, Diagnostic.For(violation), deadline.Token).ConfigureAwait(false);
                    return;
                }

                switch (step)
                {
                    case NegotiationStep.NeedBytes:
                        var count = length == buffer.Length ? 0 : await stream.ReadAsync(buffer.AsMemory(length), deadline.Token).ConfigureAwait(false);
                        if (count == 0)
                            return;
                        length += count;
                        continue;
                    case NegotiationStep.RefuseGss:
                    case NegotiationStep.RefuseTls:
                        await stream.WriteAsync("N"u8.ToArray(), deadline.Token).ConfigureAwait(false);
                        break;
                    case NegotiationStep.StartTls:
                        await stream.WriteAsync("S"u8.ToArray(), deadline.Token).ConfigureAwait(false);
                        stream = await StartTlsAsync(stream, shown!, requireAlpn: false, deadline.Token).ConfigureAwait(false);
                        isTls = true;
                        break;
                    case NegotiationStep.Cancel:
                        OnCancel(buffer.AsSpan(0, packet));
                        return;
                    case NegotiationStep.Start:
                        var info = new ClientInfo(address?.ToString() ?? "local", isLocal, isTls, isTls ? shown!.Hash : default, IsRelayed: false);
                        var behind = length > packet ? new PrefixedStream(buffer.AsSpan(packet, length - packet).ToArray(), stream) : stream;
                        await DriveAsync(behind, info, buffer.AsSpan(0, packet).ToArray(), lease).ConfigureAwait(false);
                        return;
                }

                buffer.AsSpan(packet, length - packet).CopyTo(buffer);
                length -= packet;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<Stream> StartTlsAsync(Stream stream, ListenerCertificate shown, bool requireAlpn, CancellationToken cancellationToken)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = shown.Context,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ApplicationProtocols = [Alpn],
                    AllowRenegotiation = false,
                },
                cancellationToken).ConfigureAwait(false);
            // Without ALPN a direct handshake may be meant for another protocol (ALPACA); PostgreSQL refuses it too.
            if (requireAlpn && tls.NegotiatedApplicationProtocol != Alpn)
                throw new AuthenticationException("direct TLS without ALPN postgresql");
            return tls;
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
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
