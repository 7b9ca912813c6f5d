using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Weir.Protocol.Postgres;
using Weir.Protocol.Postgres.Scram;

namespace Weir.Agent.Upstream;

/// <summary>Opens sockets and TLS towards database servers. Thread-safe.</summary>
internal sealed class UpstreamConnector
{
    private readonly List<Task> _cancels = [];

    public ScramKeyCache Keys { get; } = new();

    /// <summary>Sends a CancelRequest; its outcome is not known to anybody.</summary>
    public void Cancel(UpstreamHost host, CancelKey key, UpstreamTlsOptions? tls, TimeProvider time)
    {
        var task = CancelForwarder.SendAsync(host, key, tls, time);
        lock (_cancels)
        {
            _cancels.RemoveAll(static t => t.IsCompleted);
            _cancels.Add(task);
        }
    }

    /// <summary>Waits for cancels that are on their way; each has a deadline.</summary>
    public Task WhenIdleAsync()
    {
        lock (_cancels)
            return Task.WhenAll(_cancels);
    }

    /// <exception cref="SocketException">Refused, unreachable, unknown host.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task<Socket> ConnectAsync(UpstreamHost host, CancellationToken cancellationToken)
    {
        var socket = host.IsUnixSocket
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (host.IsUnixSocket)
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint($"{host.Name}/.s.PGSQL.{host.Port}"), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await socket.ConnectAsync(host.Name, host.Port, cancellationToken).ConfigureAwait(false);
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The TLS handshake as a client.</summary>
    /// <returns>The stream, and the data for channel binding (empty when the certificate has none).</returns>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The handshake or the verification failed.</exception>
    /// <exception cref="IOException">The connection broke, or the file of authorities can't be read.</exception>
    public static async Task<(SslStream Stream, ReadOnlyMemory<byte> CertificateHash)> EncryptAsync(Stream plain, UpstreamTlsOptions options, CancellationToken cancellationToken)
    {
        var authentication = new SslClientAuthenticationOptions
        {
            TargetHost = options.ServerName,
            EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13,
            ApplicationProtocols = [new SslApplicationProtocol("postgresql")],
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            ClientCertificateContext = options.Certificate,
        };
        if (!options.Verify)
        {
#pragma warning disable CA5359 // libpq's prefer and require encrypt without verification; verify-full is the setting that verifies.
            authentication.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (options.CaFile is not null)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(options.CaFile);
            authentication.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            authentication.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }

        var stream = new SslStream(plain, leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsClientAsync(authentication, cancellationToken).ConfigureAwait(false);
            ReadOnlyMemory<byte> hash = stream.RemoteCertificate is X509Certificate2 certificate ? TlsServerEndPoint.TryCompute(certificate) : null;
            return (stream, hash);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
