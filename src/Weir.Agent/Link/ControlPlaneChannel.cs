using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Weir.Agent.Configuration;

namespace Weir.Agent.Link;

/// <summary>
/// The gRPC channels to the control plane: one for the link, and one for tunnels, so that bytes of relayed clients never share a connection, its flow-control window or
/// its stream limit with events and decisions. http:// speaks HTTP/2 without TLS, for a trusted network or a proxy beside the agent.
/// </summary>
internal sealed class ControlPlaneChannel : IDisposable
{
    // Larger than any tunnel's credit window, so that the credit alone decides, and a stalled tunnel never fills a connection.
    private const int StreamWindowBytes = 1024 * 1024;
    private const int MaxMessageBytes = 64 * 1024 * 1024;

    private static readonly TimeSpan KeepAliveDelay = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;

    /// <exception cref="InvalidDataException">The CA file holds no certificate.</exception>
    public ControlPlaneChannel(AgentOptions options, TimeProvider time)
    {
        _time = time;
        var authorities = LoadAuthorities(options.CaFile);
        Link = Create(options.ControlPlaneUrl, authorities);
        Tunnels = Create(options.ControlPlaneUrl, authorities);
    }

    public GrpcChannel Link { get; }

    public GrpcChannel Tunnels { get; }

    /// <summary>Headers of one call, with a fresh assertion.</summary>
    public Metadata Authorize(AgentIdentity identity) => new() { { "authorization", "Bearer " + identity.CreateAssertion(_time.GetUtcNow()) } };

    public void Dispose()
    {
        Link.Dispose();
        Tunnels.Dispose();
    }

    private static X509Certificate2Collection? LoadAuthorities(string? file)
    {
        if (file is null)
            return null;
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count > 0 ? authorities : throw new InvalidDataException($"{file} holds no certificate.");
    }

    private static GrpcChannel Create(Uri address, X509Certificate2Collection? authorities)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = StreamWindowBytes,
            KeepAlivePingDelay = KeepAliveDelay,
            KeepAlivePingTimeout = KeepAliveTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            UseProxy = false,
            AllowAutoRedirect = false,
        };
        if (authorities is not null)
        {
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = Policy(authorities),
            };
        }

        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
            MaxSendMessageSize = MaxMessageBytes,
            MaxRetryAttempts = 1,

            // The link reconnects by itself, with its own backoff; a channel in backoff would only add to it.
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(100),
            MaxReconnectBackoff = TimeSpan.FromSeconds(5),
        });
    }

    private static X509ChainPolicy Policy(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
