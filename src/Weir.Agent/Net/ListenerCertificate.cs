using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Weir.Agent.Net.Tls;
using Weir.Protocol.Postgres.Scram;

namespace Weir.Agent.Net;

/// <summary>The certificate that clients see, ready for handshakes. Immutable; a renewed certificate is a new object.</summary>
internal sealed class ListenerCertificate
{
    // Building the chain reads every certificate that the system trusts, which takes longer than all the rest of the agent's start: the first handshake does it.
    private readonly Lazy<SslStreamCertificateContext> _context;
    private readonly Lazy<TlsServerContext> _loops;

    public ListenerCertificate(X509Certificate2 certificate, X509Certificate2Collection? intermediates = null)
    {
        _context = new Lazy<SslStreamCertificateContext>(() => SslStreamCertificateContext.Create(certificate, intermediates, offline: true));
        _loops = new Lazy<TlsServerContext>(() => new TlsServerContext(certificate, intermediates));
        Hash = TlsServerEndPoint.TryCompute(certificate);
    }

    public SslStreamCertificateContext Context => _context.Value;

    /// <summary>The same for handshakes in event loops.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">OpenSSL does not take the certificate.</exception>
    public TlsServerContext Loops => _loops.Value;

    /// <summary>tls-server-end-point data; empty when the certificate's signature names no hash.</summary>
    public ReadOnlyMemory<byte> Hash { get; }
}
