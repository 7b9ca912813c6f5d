using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Weir.Contracts.Agent.V1;
using Weir.ControlPlane.Server.Certificates;

namespace Weir.ControlPlane.Server.Relay;

/// <summary>
/// The gateway port: ends the client's TLS, reads the startup packet, finds the agent and moves bytes. It judges nothing and sees no
/// password: SCRAM runs between client and agent, bound to the certificate shown here.
/// </summary>
internal sealed partial class RelayListener(
    IPEndPoint endpoint,
    RelayOptions options,
    ListenerCertificate certificate,
    IRelayDirectory directory,
    TunnelExchange tunnels,
    CancelRoutes cancelRoutes,
    ILogger<RelayListener> logger) : BackgroundService
{
    private static readonly SslApplicationProtocol PostgresProtocol = new("postgresql");

    private readonly ConcurrentDictionary<IPAddress, int> _perAddress = new();
    private int _open;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listener = new TcpListener(endpoint);
        listener.Start(backlog: 512);
        LogListening(endpoint.ToString());
        var sessions = new ConcurrentDictionary<Task, byte>();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var socket = await listener.AcceptSocketAsync(stoppingToken);
                var session = ServeAsync(socket, stoppingToken);
                sessions[session] = 0;
                _ = session.ContinueWith(t => sessions.TryRemove(t, out _), TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; the sessions below are cancelled by the same token.
        }

        await Task.WhenAll(sessions.Keys);
    }

    private async Task ServeAsync(Socket socket, CancellationToken stoppingToken)
    {
        using (socket)
        {
            var address = ((IPEndPoint)socket.RemoteEndPoint!).Address;
            var perAddress = _perAddress.AddOrUpdate(address, 1, (_, n) => n + 1);
            var open = Interlocked.Increment(ref _open);
            try
            {
                socket.NoDelay = true;
                await using var stream = new NetworkStream(socket, ownsSocket: false);
                if (open > options.MaxConnections || perAddress > options.MaxConnectionsPerAddress)
                {
                    LogTooMany(address.ToString());
                    await stream.WriteAsync(FatalResponse.Create("53300", "weir: too many connections", "Close idle connections, or raise the relay's limits."), stoppingToken);
                    return;
                }

                await ServeAsync(stream, (IPEndPoint)socket.RemoteEndPoint!, stoppingToken);
            }
            catch (Exception fault) when (fault is IOException or SocketException or AuthenticationException or RelayProtocolException or OperationCanceledException or RpcException)
            {
                LogEnded(address.ToString(), fault.GetType().Name);
            }
            catch (Exception fault)
            {
                // One client's fault must not end the listener.
                LogFailed(fault, address.ToString());
            }
            finally
            {
                Interlocked.Decrement(ref _open);
                if (_perAddress.AddOrUpdate(address, 0, (_, n) => n - 1) == 0)
                {
                    _perAddress.TryRemove(KeyValuePair.Create(address, 0));
                }
            }
        }
    }

    private async Task ServeAsync(NetworkStream socket, IPEndPoint peer, CancellationToken stoppingToken)
    {
        using var startup = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        startup.CancelAfter(options.StartupTimeout);
        Stream stream = socket;
        SslStream? tls = null;
        byte[] certificateHash = [];
        try
        {
            var first = new byte[1];
            if (await socket.ReadAsync(first, startup.Token) == 0)
            {
                return;
            }

            // Direct TLS (sslnegotiation=direct): a TLS record starts with 22, a startup packet of legal length with 0.
            if (first[0] == 0x16)
            {
                tls = await AuthenticateAsync(new PrefixedStream(socket, first), direct: true, startup.Token);
                stream = tls;
                certificateHash = certificate.EndpointHash;
                first = [];
            }

            var packet = await StartupPacket.ReadAsync(stream, first, startup.Token);
            while (packet is { Kind: StartupPacketKind.GssEncryptionRequest } or { Kind: StartupPacketKind.SslRequest })
            {
                if (packet.Kind == StartupPacketKind.GssEncryptionRequest || tls is not null)
                {
                    await stream.WriteAsync("N"u8.ToArray(), startup.Token);
                }
                else
                {
                    // What came with the request before TLS was sent by somebody in between (CVE-2021-23222): it closes the connection.
                    if (socket.DataAvailable)
                    {
                        throw new RelayProtocolException("unencrypted data after the SSL request");
                    }

                    await stream.WriteAsync("S"u8.ToArray(), startup.Token);
                    tls = await AuthenticateAsync(socket, direct: false, startup.Token);
                    stream = tls;
                    certificateHash = certificate.EndpointHash;
                }

                packet = await StartupPacket.ReadAsync(stream, ReadOnlyMemory<byte>.Empty, startup.Token);
            }

            switch (packet)
            {
                case null:
                    return;
                case { Kind: StartupPacketKind.CancelRequest }:
                    await CancelAsync(packet, startup.Token);
                    return;
                default:
                    await RelayAsync(stream, packet, tls is not null, certificateHash, peer, startup, stoppingToken);
                    return;
            }
        }
        finally
        {
            if (tls is not null)
            {
                await tls.DisposeAsync();
            }
        }
    }

    private async Task<SslStream> AuthenticateAsync(Stream socket, bool direct, CancellationToken cancellationToken)
    {
        var tls = new SslStream(socket, leaveInnerStreamOpen: true);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate.Context,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ApplicationProtocols = direct ? [PostgresProtocol] : null,
                ClientCertificateRequired = false,
            },
            cancellationToken);
        if (direct && tls.NegotiatedApplicationProtocol != PostgresProtocol)
        {
            throw new RelayProtocolException("direct TLS without the ALPN protocol postgresql");
        }

        return tls;
    }

    private async Task CancelAsync(StartupPacket packet, CancellationToken cancellationToken)
    {
        if (cancelRoutes.TryFind(packet.ProcessId, packet.CancelKey, out var agent))
        {
            await directory.TryCancelAsync(agent, packet.ProcessId, packet.CancelKey.ToArray(), cancellationToken);
        }
    }

    private async Task RelayAsync(
        Stream client, StartupPacket packet, bool isTls, byte[] certificateHash, IPEndPoint peer, CancellationTokenSource startup, CancellationToken stoppingToken)
    {
        if (!isTls && (options.RequireTls || !IPAddress.IsLoopback(peer.Address)))
        {
            await client.WriteAsync(FatalResponse.Create("28000", "weir: this gateway requires TLS", "Connect with sslmode=require or stricter."), startup.Token);
            return;
        }

        var (user, database) = packet.Names();
        if (user is null || await directory.FindAgentAsync(user, database ?? "", startup.Token) is not { } agentId)
        {
            await client.WriteAsync(
                FatalResponse.Create("57P03", "weir: no agent for this connection is connected", "Ask an administrator to look at 'weir agents list'."), startup.Token);
            return;
        }

        var (tunnelId, pending) = tunnels.Open(agentId);
        try
        {
            if (!await directory.TryOpenTunnelAsync(agentId, tunnelId, startup.Token))
            {
                await client.WriteAsync(FatalResponse.Create("57P03", "weir: the agent for this connection has just disconnected", "Try again in a moment."), startup.Token);
                return;
            }

            var (reader, writer) = await pending.Dialled.WaitAsync(startup.Token);
            startup.CancelAfter(Timeout.InfiniteTimeSpan);
            (int ProcessId, byte[] Key)? cancelKey = null;
            using var session = new RelayedSession(client, reader, writer, options)
            {
                OnBackendKey = (processId, key) =>
                {
                    cancelKey = (processId, key);
                    cancelRoutes.Add(processId, key, agentId);
                },
            };
            try
            {
                await session.RunAsync(
                    new TunnelStart
                    {
                        ClientAddress = peer.ToString(),
                        Tls = isTls,
                        CertificateHash = ByteString.CopyFrom(certificateHash),
                        StartupMessage = ByteString.CopyFrom(packet.Bytes),
                        Window = options.Window,
                    },
                    stoppingToken);
            }
            finally
            {
                if (cancelKey is { } key)
                {
                    cancelRoutes.Remove(key.ProcessId, key.Key);
                }
            }
        }
        finally
        {
            tunnels.Forget(tunnelId);
            pending.Finish();
        }
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Relay listens on {Endpoint}")]
    private partial void LogListening(string endpoint);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "Too many connections; refused one from {Address}")]
    private partial void LogTooMany(string address);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Debug, Message = "Relayed client {Address} ended: {Fault}")]
    private partial void LogEnded(string address, string fault);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Error, Message = "Relayed client {Address} failed")]
    private partial void LogFailed(Exception fault, string address);
}
